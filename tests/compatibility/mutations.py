"""Changes to the real document: those that break a client, and those that do not."""

from collections.abc import Callable
from typing import Any, Final, NamedTuple

Document = dict[str, Any]

REPORTS: Final = "/v1/activity-reports"
POST: Final = f"POST {REPORTS}"
GET: Final = f"GET {REPORTS}"
_TEXT: Final = {"type": "string", "maxLength": 9}
_BODY: Final = "components/schemas/ActivityBody"
_OUT: Final = "components/schemas/AcceptedActivityOut"
_BATCH: Final = "components/schemas/BatchOut"
_PARAMETERS: Final = f"paths/{REPORTS.replace('/', '~1')}/get/parameters"
_POST: Final = f"paths/{REPORTS.replace('/', '~1')}/post"
_HOOK: Final = "webhooks/thing.done/post"
_SENT: Final = f"{_HOOK}/requestBody/content/application~1json/schema"

HOOK: Final[Document] = {
    "operationId": "receive_thing_done",
    "parameters": [{"name": "webhook-id", "in": "header", "required": True, "schema": _TEXT}],
    "requestBody": {
        "content": {
            "application/json": {
                "schema": {
                    "type": "object",
                    "properties": {"type": {"const": "thing.done"}, "note": _TEXT},
                    "required": ["type"],
                    "additionalProperties": False,
                }
            }
        }
    },
    "responses": {"2XX": {"description": "Received."}},
}


class Mutation(NamedTuple):
    """A change, and what has to be found: a part of one finding, or nothing."""

    change: Callable[[Document], object]
    found: str


def at(document: Document, place: str) -> Any:
    """Return what stands at a place of a document."""
    part: Any = document
    for step in filter(None, place.split("/")):
        name = step.replace("~1", "/")
        part = part[int(name)] if isinstance(part, list) else part[name]
    return part


def _put(place: str, value: Any) -> Callable[[Document], object]:
    *front, last = place.split("/")

    def change(document: Document) -> None:
        holder = at(document, "/".join(front))
        holder[int(last) if isinstance(holder, list) else last.replace("~1", "/")] = value

    return change


def _drop(place: str) -> Callable[[Document], object]:
    *front, last = place.split("/")
    return lambda document: at(document, "/".join(front)).pop(last.replace("~1", "/"))


def _add(place: str, value: Any) -> Callable[[Document], object]:
    return lambda document: at(document, place).append(value)


def _take(place: str, value: Any) -> Callable[[Document], object]:
    return lambda document: at(document, place).remove(value)


def _parameter(name: str, place: str, value: Any) -> Callable[[Document], object]:
    def change(document: Document) -> None:
        found = next(one for one in at(document, _PARAMETERS) if one["name"] == name)
        _put(place, value)(found)

    return change


def _lose_parameter(document: Document) -> None:
    kept = [one for one in at(document, _PARAMETERS) if one["name"] != "channel"]
    _put(_PARAMETERS, kept)(document)


def _rename_path(document: Document) -> None:
    document["paths"]["/v1/reports"] = document["paths"].pop(REPORTS)


def _null(place: str) -> Callable[[Document], object]:
    return lambda document: _put(place, {"anyOf": [at(document, place), {"type": "null"}]})(
        document
    )


def _new(name: str, *, required: bool) -> Document:
    return {"name": name, "in": "query", "required": required, "schema": _TEXT}


_ANSWER: Final = f"{_POST}/responses/201"
_HEADERS: Final = "components/headers"
_CODES: Final = "components/schemas/Problem/properties/code/x-extensible-enum"
_ONE_CODE: Final = "components/responses/400.bad_cursor/x-problem-codes"

BREAKING: Final[dict[str, Mutation]] = {
    "a path is renamed": Mutation(_rename_path, f"{POST}: is removed"),
    "a method is removed": Mutation(_drop(f"paths/{REPORTS.replace('/', '~1')}/get"), f"{GET}: is"),
    "an operation is renamed": Mutation(_put(f"{_POST}/operationId", "add"), "operationId: is add"),
    "a success status is removed": Mutation(_drop(_ANSWER), "answer 201: is removed"),
    "a success status is new": Mutation(_put(f"{_POST}/responses/202", {}), "answer 202: is new"),
    "a refusal's status is removed": Mutation(_drop(f"{_POST}/responses/409"), "answer 409: is"),
    "an answer's media type is removed": Mutation(
        _put(f"{_ANSWER}/content", {"text/csv": {}}), "answer 201 application/json: is removed"
    ),
    "a request's media type is removed": Mutation(
        _put(f"{_POST}/requestBody/content", {"text/csv": {}}), "request application/json: is"
    ),
    "a request's body is removed": Mutation(_drop(f"{_POST}/requestBody"), "request: is removed"),
    "a parameter is removed": Mutation(_lose_parameter, "query parameter channel: is removed"),
    "a parameter is new and required": Mutation(
        _add(_PARAMETERS, _new("who", required=True)), "query parameter who: is new and required"
    ),
    "a parameter becomes required": Mutation(
        _parameter("unit", "required", value=True), "query parameter unit: is required now"
    ),
    "a parameter's bound is narrower": Mutation(
        _parameter("limit", "schema/maximum", 50), "parameter limit: maximum is 50 now"
    ),
    "a parameter's default is another": Mutation(
        _parameter("limit", "schema/default", 50), "parameter limit: the default was 100"
    ),
    "a parameter is written otherwise": Mutation(
        _parameter("limit", "style", "spaceDelimited"), "parameter limit: is written in another way"
    ),
    "a shared parameter is narrower": Mutation(
        _put("components/parameters/IdempotencyKey/schema/maxLength", 3), "maxLength is 3 now"
    ),
    "a request's property is newly required": Mutation(
        _add(f"{_BODY}/required", "description"), "/description: is required now"
    ),
    "a request's property is removed": Mutation(
        _drop(f"{_BODY}/properties/evidence"), "/evidence: is removed"
    ),
    "a request's property takes no null": Mutation(
        _put(f"{_BODY}/properties/description", _TEXT), "/description: null is no longer taken"
    ),
    "a request's text is shorter": Mutation(
        _put(f"{_BODY}/properties/title/maxLength", 80), "/title: maxLength is 80 now"
    ),
    "a request's text has another pattern": Mutation(
        _put(f"{_BODY}/properties/channel/pattern", "^x$"), "/channel: the pattern is ^x$ now"
    ),
    "a request's text has a format": Mutation(
        _put(f"{_BODY}/properties/source_system/format", "hostname"), "the format differs"
    ),
    "a request's property has another type": Mutation(
        _put(f"{_BODY}/properties/integrated/type", "string"),
        "/integrated: boolean is no longer taken",
    ),
    "a request's list is shorter": Mutation(
        _put(f"{_BODY}/properties/measures/maxItems", 2), "/measures: maxItems is 2 now"
    ),
    "a request's value is removed, deep inside": Mutation(
        _put("components/schemas/Measure/properties/origin/enum", ["original"]),
        '/measures/*/origin: "repost" is no longer taken',
    ),
    "a request's values become listed": Mutation(
        _put(f"{_BODY}/properties/channel/enum", ["portal"]), "/channel: values are listed now"
    ),
    "a request has a keyword nobody judges": Mutation(
        _put(f"{_BODY}/dependentRequired", {"format": ["channel"]}), "dependentRequired differs"
    ),
    "an answer's property is removed": Mutation(
        _drop(f"{_OUT}/properties/outcome"), "/outcome: is removed"
    ),
    "an answer's property may be absent": Mutation(
        _take(f"{_OUT}/required", "revision"), "/revision: may be absent now"
    ),
    "an answer's property may be null": Mutation(
        _null(f"{_OUT}/properties/revision"), "/revision: may be null now"
    ),
    "an answer's property has another type": Mutation(
        _put(f"{_OUT}/properties/revision", _TEXT), "/revision: may be string now"
    ),
    "an answer's number is wider": Mutation(
        _put(f"{_OUT}/properties/revision/format", "int64"), "the format differs: int64 and int32"
    ),
    "an answer's text loses its format": Mutation(
        _drop(f"{_BATCH}/properties/received_at/format"), "the format differs: None and date-time"
    ),
    "an answer's value is new": Mutation(
        _add(f"{_OUT}/properties/outcome/enum", "kept"), '/outcome: "kept" is a new value'
    ),
    "an answer's list is closed no more": Mutation(
        _drop(f"{_OUT}/properties/outcome/enum"), "/outcome: the values were a closed list"
    ),
    "an answer's list holds something else": Mutation(
        _put(f"{_OUT}/properties/languages/items", {"type": "integer"}),
        "/languages/*: may be integer",
    ),
    "an error code is removed": Mutation(lambda document: at(document, _CODES).pop(0), "/code: "),
    "an operation's error code is removed": Mutation(
        _put(_ONE_CODE, []), "the code bad_cursor is removed"
    ),
    "a header is removed": Mutation(_drop(f"{_ANSWER}/headers/ETag"), "header ETag: is removed"),
    "a header is a list no more": Mutation(
        _drop(f"{_HEADERS}/Content-Language/schema/enum"), "the values were a closed list"
    ),
    "a link is removed": Mutation(
        _drop(f"{_ANSWER}/links/get_activity_report"), "link get_activity_report: is removed"
    ),
    "a link leads elsewhere": Mutation(
        _put(f"{_ANSWER}/links/get_activity_report/operationId", "x"), "leads elsewhere"
    ),
    "another scope is needed": Mutation(
        _put(f"{_POST}/security", [{"ApiKey": ["audit:read"]}]), "is not enough any more"
    ),
    "one more scope is needed": Mutation(
        _add(f"{_POST}/security/0/ApiKey", "audit:read"), "is not enough any more"
    ),
    "a key is needed where none was": Mutation(
        _put("paths/~1livez/get/security", [{"ApiKey": []}]), "security: {} is not enough"
    ),
    "keys are sent in another way": Mutation(
        _put("components/securitySchemes/ApiKey/scheme", "basic"), "security scheme ApiKey"
    ),
    "the server is another": Mutation(_put("servers/0/url", "/api"), "servers: / is removed"),
    "an event is removed": Mutation(_drop("webhooks/thing.done"), "webhook thing.done: is removed"),
    "an event's property is removed": Mutation(_drop(f"{_SENT}/properties/note"), "/note: is"),
    "an event's property may be null": Mutation(_null(f"{_SENT}/properties/note"), "be null now"),
    "an event's header is removed": Mutation(_put(f"{_HOOK}/parameters", []), "webhook-id: is"),
    "an event's receiver may answer less": Mutation(_put(f"{_HOOK}/responses", {}), "answer 2XX"),
}

HARMLESS: Final[dict[str, Callable[[Document], object]]] = {
    "a path is new": _put("paths/~1v1~1things", {"get": {"responses": {}}}),
    "an operation is deprecated": _put(f"{_POST}/deprecated", value=True),
    "a parameter is new and may be left out": _add(_PARAMETERS, _new("who", required=False)),
    "a parameter's bound is wider": _parameter("limit", "schema/maximum", 5000),
    "a parameter's header is spelled otherwise": _put(
        "components/parameters/IdempotencyKey/name", "idempotency-key"
    ),
    "a request's property is new": _put(f"{_BODY}/properties/note", _TEXT),
    "a request's property is required no more": _take(f"{_BODY}/required", "channel"),
    "a request's property takes null": _null(f"{_BODY}/properties/title"),
    "a request's text is longer": _put(f"{_BODY}/properties/title/maxLength", 5000),
    "a request's value is new": _add("components/schemas/Measure/properties/origin/enum", "copy"),
    "a request's body may be left out": _put(f"{_POST}/requestBody/required", value=False),
    "a media type is new": _put(f"{_POST}/requestBody/content/text~1csv", {"schema": _TEXT}),
    "an answer's property is new": _put(f"{_OUT}/properties/note", _TEXT),
    "an answer is closed": _put(f"{_OUT}/additionalProperties", value=False),
    "an answer's text is longer": _put(f"{_OUT}/properties/title/maxLength", 5000),
    "an answer's property is never null": _put(f"{_OUT}/properties/description", _TEXT),
    "an answer's value is never said": _put(f"{_OUT}/properties/outcome/enum", ["created"]),
    "a refusal's status is new": _put(f"{_POST}/responses/423", {"description": "Locked."}),
    "an error code is new": _add(_CODES, "brand_new"),
    "an operation's error code is new": _add(_ONE_CODE, "brand_new"),
    "a header is new": _put(f"{_ANSWER}/headers/X-New", {"schema": _TEXT}),
    "a link is new": _put(f"{_ANSWER}/links/more", {"operationId": "get_plan"}),
    "no scope is needed": _put(f"{_POST}/security", []),
    "an event is new": _put("webhooks/thing.undone", {"post": HOOK}),
    "an event's property is new": _put(f"{_SENT}/properties/more", _TEXT),
    "a schema has another name": lambda document: document["components"]["schemas"].update(
        Renamed=at(document, _OUT), AcceptedActivityOut={"$ref": "#/components/schemas/Renamed"}
    ),
    "a description is another": _put(f"{_OUT}/properties/outcome/description", "Else."),
    "an example is another": _put(f"{_ANSWER}/content/application~1json/example", {}),
    "the tags are in another order": lambda document: document["tags"].reverse(),
}
