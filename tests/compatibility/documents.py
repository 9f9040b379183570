"""What in a document breaks a client of an older one, operation by operation."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

from tests.compatibility.schemas import Comparison, Fault, Side, followed

Part = Mapping[str, Any]

METHODS: Final = ("get", "put", "post", "patch", "delete", "head", "options", "trace")
CODES: Final = "x-problem-codes"


@dataclass(frozen=True)
class Finding:
    """Something that breaks a client of the older document."""

    operation: str
    place: str
    what: str
    is_removal: bool = False

    def __str__(self) -> str:
        """Return it in one line; waivers name it so."""
        return ": ".join(part for part in (self.operation, self.place, self.what) if part)


def operations(document: Part) -> dict[str, Part]:
    """Return all operations by method and path, and the webhooks by name."""
    found = {
        f"{method.upper()} {path}": {**item[method], "parameters": _parameters_of(item, method)}
        for path, item in document.get("paths", {}).items()
        for method in METHODS
        if method in item
    }
    hooks = {
        f"webhook {name}": item[method]
        for name, item in document.get("webhooks", {}).items()
        for method in METHODS
        if method in item
    }
    return found | hooks


def breaks(old: Part, new: Part) -> list[Finding]:
    """Return what breaks a client of the old document."""
    return [*dict.fromkeys(_Breaks(old, new).found())]


def _parameters_of(item: Part, method: str) -> list[Part]:
    return [*item.get("parameters", ()), *item[method].get("parameters", ())]


class _Breaks:
    def __init__(self, old: Part, new: Part) -> None:
        self.old, self.new = old, new
        self.schemas = Comparison(old, new)

    def found(self) -> Iterator[Finding]:
        before, after = operations(self.old), operations(self.new)
        for name, one in before.items():
            if name not in after:
                yield Finding(name, "", "is removed", is_removal=True)
                continue
            faults = self._webhook if name.startswith("webhook ") else self._operation
            yield from (Finding(name, *fault) for fault in faults(one, after[name]))
        yield from (Finding("", *fault) for fault in self._whole())

    def _whole(self) -> Iterator[Fault]:
        urls = [[one["url"] for one in each.get("servers", ())] for each in (self.old, self.new)]
        yield from (Fault("servers", f"{url} is removed") for url in urls[0] if url not in urls[1])
        schemes = [
            each.get("components", {}).get("securitySchemes", {}) for each in (self.old, self.new)
        ]
        for name, one in schemes[0].items():
            other = schemes[1].get(name, {})
            if any(one[key] != other.get(key) for key in one.keys() - {"description"}):
                yield Fault(f"security scheme {name}", "is another one or is removed")

    def _operation(self, one: Part, other: Part) -> Iterator[Fault]:
        if one.get("operationId") != other.get("operationId"):
            yield Fault("operationId", f"is {other.get('operationId')} now")
        yield from self._security(one, other)
        yield from self._parameters(one, other, Side.REQUEST)
        yield from self._request(one, other)
        yield from self._answers(one, other)

    def _webhook(self, one: Part, other: Part) -> Iterator[Fault]:
        """Compare what we send: to its receiver it is an answer."""
        yield from self._parameters(one, other, Side.ANSWER)
        bodies = [followed(d, o.get("requestBody", {})) for d, o in self._both(one, other)]
        yield from self._content(bodies[0], bodies[1], Side.ANSWER)
        lost = one.get("responses", {}).keys() - other.get("responses", {}).keys()
        yield from (Fault(f"answer {status}", "is no longer taken") for status in sorted(lost))

    def _security(self, one: Part, other: Part) -> Iterator[Fault]:
        """A client that satisfied one alternative of before must satisfy one of now."""
        had, wanted = (o.get("security", d.get("security", [])) for d, o in self._both(one, other))
        for held in had or [{}]:
            enough = any(
                all(name in held and {*scopes} <= {*held[name]} for name, scopes in need.items())
                for need in wanted or [{}]
            )
            if not enough:
                yield Fault("security", f"{dict(held)} is not enough any more")

    def _parameters(self, one: Part, other: Part, side: Side) -> Iterator[Fault]:
        had, has = ({_key(p): p for p in self._resolved(d, o)} for d, o in self._both(one, other))
        for key, parameter in had.items():
            if key not in has:
                yield Fault(key, "is removed")
                continue
            now = has[key]
            if parameter.get("required", False) != (required := now.get("required", False)):
                breaking = required if side is Side.REQUEST else not required
                if breaking:
                    yield Fault(key, "is required now" if required else "may be absent now")
            if any(parameter.get(word) != now.get(word) for word in ("style", "explode")):
                yield Fault(key, "is written in another way")
            yield from self._schema(key, parameter, now, side)
            yield from self._content(parameter, now, side, key)
        for key in has.keys() - had.keys():
            if side is Side.REQUEST and has[key].get("required", False):
                yield Fault(key, "is new and required")

    def _request(self, one: Part, other: Part) -> Iterator[Fault]:
        had, has = (
            followed(d, o["requestBody"]) if "requestBody" in o else None
            for d, o in self._both(one, other)
        )
        if has is None:
            if had is not None:
                yield Fault("request", "is removed")
            return
        if has.get("required", False) and not (had or {}).get("required", False):
            yield Fault("request", "is required now")
        yield from self._content(had or {}, has, Side.REQUEST, "request")

    def _answers(self, one: Part, other: Part) -> Iterator[Fault]:
        had, has = (
            {s: followed(d, r) for s, r in o["responses"].items()}
            for d, o in self._both(one, other)
        )
        for status, answer in had.items():
            place = f"answer {status}"
            if status not in has:
                yield Fault(place, "is removed")
                continue
            yield from self._content(answer, has[status], Side.ANSWER, place)
            yield from self._headers(place, answer, has[status])
            yield from _links(place, answer, has[status])
            lost = {*answer.get(CODES, ())} - {*has[status].get(CODES, ())}
            yield from (Fault(place, f"the code {code} is removed") for code in sorted(lost))
        for status in sorted(has.keys() - had.keys()):
            if not status.startswith(("4", "5")):  # a client goes by the class of a refusal
                yield Fault(f"answer {status}", "is new")

    def _headers(self, place: str, one: Part, other: Part) -> Iterator[Fault]:
        had, has = (
            {
                name.lower(): (name, followed(d, header))
                for name, header in a.get("headers", {}).items()
            }
            for d, a in self._both(one, other)
        )
        for key, (name, header) in had.items():
            where = f"{place} header {name}"
            if key not in has:
                yield Fault(where, "is removed")
                continue
            if header.get("required", False) and not has[key][1].get("required", False):
                yield Fault(where, "may be absent now")
            yield from self._schema(where, header, has[key][1], Side.ANSWER)

    def _content(self, one: Part, other: Part, side: Side, place: str = "body") -> Iterator[Fault]:
        had, has = one.get("content", {}), other.get("content", {})
        for media, body in had.items():
            where = f"{place} {media}"
            if media not in has:
                yield Fault(where, "is removed")
            else:
                yield from self._schema(where, body, has[media], side)

    def _schema(self, place: str, one: Part, other: Part, side: Side) -> Iterator[Fault]:
        found = self.schemas.faults(one.get("schema", {}), other.get("schema", {}), side)
        yield from (Fault(f"{place} {fault.place}".strip(), fault.what) for fault in found)

    def _resolved(self, document: Part, operation: Part) -> list[Part]:
        return [followed(document, one) for one in operation.get("parameters", ())]

    def _both(self, one: Part, other: Part) -> Iterator[tuple[Part, Part]]:
        yield from ((self.old, one), (self.new, other))


def _key(parameter: Part) -> str:
    name = parameter["name"].lower() if parameter["in"] == "header" else parameter["name"]
    return f"{parameter['in']} parameter {name}"


def _links(place: str, one: Part, other: Part) -> Iterator[Fault]:
    for name, link in one.get("links", {}).items():
        now = other.get("links", {}).get(name)
        if now is None:
            yield Fault(f"{place} link {name}", "is removed")
            continue
        kept = link.get("parameters", {}).items() <= now.get("parameters", {}).items()
        if link.get("operationId") != now.get("operationId") or not kept:
            yield Fault(f"{place} link {name}", "leads elsewhere")
