"use strict";

// By segments: what a resource is begun with comes before what is done with one.
function byDepth(one, other) {
  const depth = (operation) => operation.get("path").split("/").length;
  return depth(one) - depth(other);
}

// The page's own filter knows the names of tags only, and takes capitals for other letters.
function findOperations(taggedOperations, phrase) {
  const words = phrase.toLowerCase().split(/\s+/);
  const told = (operation, tag) => [
    tag,
    operation.get("method"),
    operation.get("path"),
    operation.getIn(["operation", "operationId"]),
    operation.getIn(["operation", "summary"]),
    operation.getIn(["operation", "description"]),
  ].join(" ").toLowerCase();
  return taggedOperations
    .map((found, tag) => found.update("operations", (operations) => operations.filter(
      (operation) => words.every((word) => told(operation, tag).includes(word)))))
    .filter((found) => found.get("operations").size > 0);
}

// Of 150 tags and operations on, the page draws only those that the window shows: the browser's own
// search finds no other, nor does a screen reader. Tag by tag there are never so many.
function drawTagByTag(Operations, { React }) {
  return (props) => {
    const all = props.specSelectors.taggedOperations();
    const parts = React.useMemo(() => all.keySeq().toArray().map((tag) => {
      const part = all.filter((_, one) => one === tag);
      return [tag, { ...props.specSelectors, taggedOperations: () => part }];
    }), [all]);
    return parts.length === 0
      ? React.createElement(Operations, props)
      : parts.map(([tag, specSelectors]) => React.createElement(
        Operations, { ...props, key: tag, specSelectors }));
  };
}

SwaggerUIBundle({
  url: "openapi.json",
  dom_id: "#operations",
  deepLinking: true,
  displayRequestDuration: true,
  docExpansion: "list",
  filter: true,
  operationsSorter: byDepth,
  plugins: [() => ({
    fn: { opsFilter: findOperations },
    wrapComponents: { operations: drawTagByTag },
  })],
  // The operations come first: the list of all schemas stays folded.
  defaultModelsExpandDepth: 0,
  // By default the document's address is sent to a validator on another host.
  validatorUrl: null,
});
