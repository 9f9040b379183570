"use strict";

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  displayRequestDuration: true,
  // The operations come first: the list of all schemas stays folded.
  defaultModelsExpandDepth: 0,
  // By default the document's address is sent to a validator on another host.
  validatorUrl: null,
});
