"""The linters of the API's document, run by `make lint-openapi`."""
