"""The examples of the API's document: one year, played against the real app and written down."""
