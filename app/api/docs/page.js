"use strict";

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  displayRequestDuration: true,
  // Null, because by default the document's address is sent to a validator on another host.
  validatorUrl: null,
});
