"""What a schema allows that another one does not: JSON Schema as OpenAPI 3.1 documents hold it.

A request may be all that it was: what the old schema takes, the new one takes. An answer stays what
it was: what the new one may hold, the old one told of. Three things are no break there by policy
(openapi/guides/en/versions.md): a new property, wider bounds (a request that takes longer texts is
answered with longer texts), and a new value of a list that is marked `x-extensible-enum`.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, NamedTuple

from tests.compatibility.values import lists_values, narrower_values

Schema = Mapping[str, Any]

_TEXTS: Final = {"title", "description", "example", "examples", "default", "deprecated", "$comment"}
_UPPER: Final = ("maximum", "exclusiveMaximum", "maxLength", "maxItems", "maxProperties")
_LOWER: Final = ("minimum", "exclusiveMinimum", "minLength", "minItems", "minProperties")
_JUDGED: Final = {
    *(*_TEXTS, *_UPPER, *_LOWER, "$ref", "type", "anyOf", "oneOf", "enum", "const", "format"),
    *("pattern", "properties", "required", "additionalProperties", "items", "discriminator"),
}


class Side(Enum):
    """Who writes what the schema describes, as seen by a client."""

    REQUEST = "request"
    ANSWER = "answer"


class Fault(NamedTuple):
    """What breaks a client, and where in the schema."""

    place: str
    what: str

    def below(self, step: str) -> "Fault":
        """Return it as it is seen from one step higher."""
        return Fault(f"/{step}{self.place}", self.what)


@dataclass(frozen=True, eq=False)
class Node:
    """A schema, and the document that its references are of."""

    document: Schema
    schema: Schema

    def at(self, schema: Schema) -> "Node":
        """Return another schema of the same document, its reference followed."""
        return Node(self.document, followed(self.document, schema))

    def alternatives(self) -> list["Node"]:
        """Return what it is one of, each without alternatives of its own."""
        one = followed(self.document, self.schema)
        for keyword in ("anyOf", "oneOf"):
            if keyword in one:
                beside = {k: v for k, v in one.items() if k not in (keyword, "discriminator")}
                found = [self.at(each) for each in one[keyword]]
                merged = (Node(self.document, _merged(beside, each.schema)) for each in found)
                return [last for each in merged for last in each.alternatives()]
        if isinstance(one.get("type"), list):
            return [Node(self.document, {**one, "type": each}) for each in one["type"]]
        return [Node(self.document, one)]


def followed(document: Schema, schema: Schema) -> Schema:
    """Return what a reference leads to, or the schema itself."""
    while "$ref" in schema:
        target: Any = document
        for step in schema["$ref"].removeprefix("#/").split("/"):
            target = target[step.replace("~1", "/").replace("~0", "~")]
        schema = target
    return schema


def _merged(beside: Schema, one: Schema) -> Schema:
    """Return an alternative with what stands beside it; texts say nothing, so it stays the same."""
    return {**beside, **one} if beside.keys() - _TEXTS else one


class Comparison:
    """Compares schemas of two documents. The same pair is looked at once."""

    def __init__(self, old: Schema, new: Schema) -> None:
        self.old, self.new = old, new
        self._seen: dict[tuple[int, int, Side], tuple[Fault, ...]] = {}
        self._kept: list[Schema] = []  # so that no id is given twice

    def faults(self, old: Schema, new: Schema, side: Side) -> tuple[Fault, ...]:
        """Return what breaks a client where a schema became another one."""
        before, after = Node(self.old, old), Node(self.new, new)
        if side is Side.REQUEST:
            return (*self._within(before, after, side), *_other_default(before, after))
        return self._within(after, before, side)

    def _within(self, inner: Node, outer: Node, side: Side) -> tuple[Fault, ...]:
        """Return what the inner schema allows and the outer one does not."""
        one, other = (followed(node.document, node.schema) for node in (inner, outer))
        key = (id(one), id(other), side)
        if key not in self._seen:
            self._kept += [one, other]
            self._seen[key] = ()  # a schema that holds itself is right where its parts are
            self._seen[key] = tuple(
                dict.fromkeys(self._parts(inner.at(one), outer.at(other), side))
            )
        return self._seen[key]

    def _parts(self, inner: Node, outer: Node, side: Side) -> Iterator[Fault]:
        told = [node.schema.get("discriminator", {}).get("propertyName") for node in (inner, outer)]
        if None not in told and told[0] != told[1]:
            yield Fault("", "is told apart by another property")
        allowed = outer.alternatives()
        for one in inner.alternatives():
            found = [tuple(self._plain(one, each, side)) for each in allowed]
            if all(found):
                yield from self._closest(one, allowed, found, side)

    def _closest(
        self, one: Node, allowed: list[Node], found: list[tuple[Fault, ...]], side: Side
    ) -> Iterator[Fault]:
        """Say what is wrong with an alternative beside the one that it is most like."""
        kind = one.schema.get("type")
        alike = [faults for each, faults in zip(allowed, found, strict=True) if _like(one, each)]
        if alike:
            yield from min(alike, key=len)
        elif side is Side.REQUEST:
            yield Fault("", f"{kind or 'anything'} is no longer taken")
        else:
            yield Fault("", f"may be {kind or 'anything'} now")

    def _plain(self, inner: Node, outer: Node, side: Side) -> Iterator[Fault]:
        one, other = inner.schema, outer.schema
        kinds = one.get("type"), other.get("type")
        if kinds[1] is not None and kinds not in ((kinds[1], kinds[1]), ("integer", "number")):
            yield Fault("", f"the type differs: {kinds[0]} and {kinds[1]}")
            return
        yield from (Fault("", what) for what in narrower_values(one, other, side.value))
        yield from (Fault("", what) for what in _format(one, other, side))
        if side is Side.REQUEST and not lists_values(one):
            yield from (Fault("", what) for what in _bounds(one, other))
        for keyword in sorted((one.keys() | other.keys()) - _JUDGED):
            judged = keyword.startswith("x-") or one.get(keyword) == other.get(keyword)
            if not judged:
                yield Fault("", f"{keyword} differs, which is not judged here")
        yield from self._object(inner, outer, side)
        if "items" in other or "items" in one:
            items = inner.at(one.get("items", {})), outer.at(other.get("items", {}))
            yield from (fault.below("*") for fault in self._within(*items, side))

    def _object(self, inner: Node, outer: Node, side: Side) -> Iterator[Fault]:
        told, known = (node.schema.get("properties", {}) for node in (inner, outer))
        missing = {*outer.schema.get("required", ())} - {*inner.schema.get("required", ())}
        word = "is required now" if side is Side.REQUEST else "may be absent now"
        yield from (
            Fault(f"/{name}", word) for name in sorted(missing) if self._is(name, told, side)
        )
        lost = told.keys() - known.keys() if side is Side.REQUEST else known.keys() - told.keys()
        yield from (Fault(f"/{name}", "is removed") for name in sorted(lost))
        for name in sorted(told.keys() & known.keys()):
            parts = inner.at(told[name]), outer.at(known[name])
            faults = self._within(*parts, side)
            if side is Side.REQUEST:
                faults = (*faults, *_other_default(*parts))
            yield from (fault.below(name) for fault in faults)
        yield from self._more(inner, outer, side)

    def _is(self, name: str, told: Schema, side: Side) -> bool:
        return side is Side.REQUEST or name in told  # what is gone is said once

    def _more(self, inner: Node, outer: Node, side: Side) -> Iterator[Fault]:
        """Compare what the properties are that have no names of their own, as in a map."""
        told, known = (node.schema.get("additionalProperties", True) for node in (inner, outer))
        if isinstance(known, bool) or told is False:
            if known is False and told is not False and side is Side.REQUEST:
                yield Fault("/*", "other properties are no longer taken")
            return
        new = inner.schema.get("properties", {}).keys() - outer.schema.get("properties", {}).keys()
        parts = [inner.schema["properties"][name] for name in sorted(new)]
        parts.append({} if told is True else told)
        for one in parts:
            yield from (
                fault.below("*") for fault in self._within(inner.at(one), outer.at(known), side)
            )


def _like(one: Node, other: Node) -> bool:
    kind = one.schema.get("type")
    return kind is not None and kind == other.schema.get("type")


def _format(one: Schema, other: Schema, side: Side) -> Iterator[str]:
    told, known = one.get("format"), other.get("format")
    wider = side is Side.REQUEST and (known is None or (told, known) == ("int32", "int64"))
    if told != known and not wider and not lists_values(one):
        yield f"the format differs: {told} and {known}"


def _bounds(one: Schema, other: Schema) -> Iterator[str]:
    for keyword in _UPPER:
        if keyword in other and one.get(keyword, float("inf")) > other[keyword]:
            yield f"{keyword} is {other[keyword]} now"
    for keyword in _LOWER:
        least = float("-inf") if keyword.endswith("imum") else 0
        if keyword in other and one.get(keyword, least) < other[keyword]:
            yield f"{keyword} is {other[keyword]} now"
    if "pattern" in other and one.get("pattern") != other["pattern"]:
        yield f"the pattern is {other['pattern']} now"


def _other_default(before: Node, after: Node) -> Iterator[Fault]:
    one, other = (followed(node.document, node.schema) for node in (before, after))
    if "default" in one and one["default"] != other.get("default"):
        yield Fault("", f"the default was {one['default']!r}")
