"""The API's document, part by part; `app.api.document` puts it together."""
