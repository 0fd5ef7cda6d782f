"""JSON-LD as far as ONE Record uses it, read without a network: nodes with properties by their local names.

A context is never fetched: the namespaces of ONE Record are known here, prefixes, terms and ``@vocab`` that the
document itself defines are honored, and a name that nothing defines is taken for one of ONE Record's. Names outside of
its namespaces are left out. Compact, expanded and flattened (``@graph``) documents give the same nodes. A reference is
resolved within the document only.
Source: JSON-LD 1.1 (W3C, 2020), sections 3 and 4; the namespaces of the ONE Record ontologies 2023 to 2026.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import msgspec

from cargo.domain.event import FormatError

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 64

_HOME = re.compile(r"https?://onerecord\.iata\.org/")
_PREFIXES = {
    "cargo": "https://onerecord.iata.org/ns/cargo#",
    "api": "https://onerecord.iata.org/ns/api#",
    "ccodes": "https://onerecord.iata.org/ns/coreCodeLists#",
    "codes": "https://onerecord.iata.org/ns/code-lists/",
}
_OWN = "https://onerecord.iata.org/ns/cargo#"
_UNPRINTABLE = re.compile("[\x00-\x1f\x7f\ud800-\udfff\ufffe\uffff]")
_BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_AT_BYTE = re.compile(r"\(byte ([0-9]+)\)")
_TEXT_LENGTH = 2000
_GATHERED = 20


class Names(msgspec.Struct, frozen=True):
    """What a context defines: names to IRIs, and the IRI that begins names without a prefix."""

    known: dict[str, str]
    vocabulary: str

    def expanded(self, name: str) -> str:
        """The IRI of a name, or the name itself where nothing defines its prefix."""
        if "://" in name:
            return name
        prefix, colon, rest = name.partition(":")
        if colon:
            return self.known[prefix] + rest if prefix in self.known else name
        return self.known.get(name) or self.vocabulary + name

    def local(self, name: str) -> str | None:
        """The last part of a name of ONE Record, beginning in lower case; ``None`` for other vocabularies' names."""
        iri = self.expanded(name)
        if _HOME.match(iri) is None:
            return None
        return last(iri)[:1].lower() + last(iri)[1:]


class Node(msgspec.Struct, eq=False):
    """An object of the document. ``properties`` holds nodes and literals by local name, always in lists.

    ``pointer`` is its JSON pointer, ``parent`` the node that it stands in and ``under`` the property there.
    """

    pointer: str
    id: str | None
    types: frozenset[str]
    properties: dict[str, list[Node | str | int | float | bool]]
    parent: Node | None
    under: str

    def first(self, *names: str) -> Node | str | int | float | bool | None:
        """The first value of the first of these properties that is there."""
        return next((self.properties[name][0] for name in names if self.properties.get(name)), None)

    def nodes(self, *names: str) -> list[Node]:
        """All values of these properties that are objects."""
        return [value for name in names for value in self.properties.get(name, ()) if isinstance(value, Node)]

    def text(self, *names: str) -> str:
        """A literal, or the IRI of what is referred to, in one line; empty where there is none."""
        value = self.first(*names)
        if isinstance(value, Node):
            value = value.id
        if value is None or isinstance(value, bool):
            return ""
        return clean(str(value))


def clean(text: str) -> str:
    """Text in one line, cut at 2000 characters."""
    return " ".join(_UNPRINTABLE.sub(" ", text[:_TEXT_LENGTH]).split())


def last(iri: str) -> str:
    """What follows the last ``#``, ``/`` or ``:`` of an IRI."""
    return re.split(r"[#/:]", iri.rstrip("#/:"))[-1]


class Document:
    """The nodes of a message in their order, and what it tells of each id, gathered."""

    def __init__(self, data: bytes) -> None:
        """Raises ``FormatError`` (with the byte) if the bytes are not JSON in UTF-8, hold no object or nest too far."""
        self.nodes: list[Node] = []
        self._gathered: dict[str, Node] = {}
        self._referring: dict[tuple[str, str], list[Node]] = {}
        root = parsed(data)
        if not isinstance(root, dict | list):
            raise FormatError("the message is neither an object nor an array")
        self._build(root)
        for node in self.nodes:
            if node.id:
                self._gather(node, node.id)

    def told_of(self, node: Node) -> list[Node]:
        """What the document tells of a node: where it stands, and gathered from everywhere else."""
        gathered = self._gathered.get(node.id or "")
        return [node] if gathered is None else [node, gathered]

    def follow(self, node: Node, *names: str) -> list[Node]:
        """What the document tells of the nodes that these properties of a node refer to."""
        return [each for own in self.told_of(node) for value in own.nodes(*names) for each in self.told_of(value)]

    def referring(self, node: Node, *names: str) -> list[Node]:
        """What the document tells of the nodes that refer to this one by these properties, or that it stands in."""
        found = [other for name in names for other in self._referring.get((name, node.id or ""), ())]
        if node.parent is not None and node.under in names:
            found.append(node.parent)
        return [each for other in found for each in self.told_of(other)]

    def _gather(self, node: Node, id: str) -> None:
        """Adds to what is told of an id. Of what is told again and again some is enough: reading stays linear."""
        gathered = self._gathered.get(id)
        if gathered is None:
            gathered = self._gathered[id] = Node("", id, node.types, {}, None, "")
        for name, values in node.properties.items():
            held = gathered.properties.setdefault(name, [])
            held += values[: max(0, _GATHERED - len(held))]
        if node.parent is not None:
            referring = self._referring.setdefault((node.under, id), [])
            if len(referring) < _GATHERED:
                referring.append(node.parent)

    def _build(self, root: dict[str, Any] | list[Any]) -> None:
        """Depth first without recursion, in the document's order."""
        start = Names(dict(_PREFIXES), _OWN)
        todo: list[tuple[Any, str, Names, Node | None, str, int]] = [(root, "", start, None, "", 0)]
        while todo:
            value, pointer, names, parent, under, depth = todo.pop()
            if depth > MAX_DEPTH:
                raise FormatError(f"nested more than {MAX_DEPTH} deep", pointer[:80])
            if isinstance(value, list):
                todo += [
                    (item, f"{pointer}/{index}", names, parent, under, depth + 1)
                    for index, item in reversed(list(enumerate(value)))
                ]
            elif isinstance(value, dict) and "@value" in value:
                todo.append((value["@value"], pointer, names, parent, under, depth + 1))
            elif isinstance(value, dict) and not _is_list(value):
                names = _in_context(value.get("@context"), names)
                node = _node(value, pointer, names, parent, under)
                self.nodes.append(node)
                _attach(parent, under, node)
                todo += _members(value, pointer, names, node, depth)
            elif isinstance(value, dict):
                key = "@list" if "@list" in value else "@set"
                todo.append((value[key], f"{pointer}/{key}", names, parent, under, depth + 1))
            elif isinstance(value, str | int | float):
                _attach(parent, under, value)


def parsed(data: bytes) -> Any:
    """The JSON of the bytes. Raises ``FormatError`` naming the byte."""
    if len(data) > MAX_BYTES:
        raise FormatError(f"the message has {len(data)} bytes, more than {MAX_BYTES}")
    body = data.removeprefix(_BYTE_ORDER_MARK)
    if not body.strip():
        raise FormatError("the message is empty")
    try:
        return msgspec.json.decode(body)
    except UnicodeDecodeError as error:
        raise FormatError(f"not UTF-8: {error.reason}", f"byte {error.start}") from None
    except RecursionError:
        raise FormatError("the message is nested too deeply") from None
    except msgspec.DecodeError as error:
        found = _AT_BYTE.search(str(error))
        reason = str(error).partition(" (byte")[0]
        raise FormatError(f"not well-formed JSON: {clean(reason)}", f"byte {found[1]}" if found else "") from None


def element(data: bytes, pointer: str) -> bytes:
    """The bytes of the value at a JSON pointer, as they came. Raises ``FormatError`` if there is none."""
    part = data.removeprefix(_BYTE_ORDER_MARK).strip()
    try:
        for token in pointer.split("/")[1:]:
            name = token.replace("~1", "/").replace("~0", "~")
            if part[:1] == b"[":
                part = bytes(msgspec.json.decode(part, type=list[msgspec.Raw])[int(name)])
            else:
                part = bytes(msgspec.json.decode(part, type=dict[str, msgspec.Raw])[name])
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError, KeyError, IndexError, ValueError):
        raise FormatError("not a position of this message", pointer[:80]) from None
    return part.strip()


def _node(value: dict[str, Any], pointer: str, names: Names, parent: Node | None, under: str) -> Node:
    given = value.get("@id")
    types = value.get("@type", ())
    kinds = [types] if isinstance(types, str) else types if isinstance(types, list) else []
    return Node(
        pointer=pointer,
        id=clean(names.expanded(given) if given.partition(":")[0] in names.known else given)
        if isinstance(given, str)
        else None,
        types=frozenset(last(names.expanded(kind)) for kind in kinds if isinstance(kind, str)),
        properties={},
        parent=parent,
        under=under,
    )


def _members(
    value: dict[str, Any], pointer: str, names: Names, node: Node, depth: int
) -> Iterator[tuple[Any, str, Names, Node | None, str, int]]:
    """What stands in an object, last first. The members of ``@graph`` stand beside it, not in it."""
    for key, member in reversed(value.items()):
        at = f"{pointer}/{key.replace('~', '~0').replace('/', '~1')}"
        if key == "@graph":
            yield member, at, names, None, "", depth + 1
        elif not key.startswith("@"):
            local = names.local(key)
            if local:
                yield member, at, names, node, local, depth + 1


def _attach(parent: Node | None, under: str, value: Node | str | int | float) -> None:
    if parent is not None and under:
        parent.properties.setdefault(under, []).append(value)


def _is_list(value: dict[str, Any]) -> bool:
    return "@list" in value or "@set" in value


def _in_context(given: Any, names: Names) -> Names:
    """The names as a context changes them. What is not in the document (an address) changes nothing."""
    contexts = given if isinstance(given, list) else [given]
    for context in contexts[:MAX_DEPTH]:
        if not isinstance(context, dict):
            continue
        known, vocabulary = dict(names.known), names.vocabulary
        for term, meaning in context.items():
            iri = meaning.get("@id") if isinstance(meaning, dict) else meaning
            if not isinstance(iri, str):
                continue
            if term == "@vocab":
                vocabulary = names.expanded(iri) if ":" in iri else iri
            elif not term.startswith("@"):
                known[term] = Names(known, vocabulary).expanded(iri)
        names = Names(known, vocabulary)
    return names
