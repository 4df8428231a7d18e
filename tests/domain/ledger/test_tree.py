"""Roots and proofs of the Merkle tree, against the recursive definitions of RFC 6962 and its published vectors."""

from __future__ import annotations

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from erstwhile.domain.ledger.hashing import EMPTY_ROOT, leaf_hash, node_hash
from erstwhile.domain.ledger.proofs import consistency_proof, inclusion_proof
from erstwhile.domain.ledger.ranges import consistency_ranges, inclusion_ranges, nodes_of, perfect_subtrees, range_hash
from erstwhile.domain.ledger.tiles import MissingTile, Tile, TileNodes, parse_path, path_of, tiles_of, width_at
from erstwhile.domain.ledger.tree import GrowingTree
from erstwhile.domain.ledger.verify_proofs import verifies_consistency, verifies_inclusion

# The inputs and roots with which the first implementation of RFC 6962 is tested.
PUBLISHED_LEAVES = [bytes.fromhex(text) for text in (
    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f",
)]  # fmt: skip
PUBLISHED_ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def plain_root(leaves: list[bytes]) -> bytes:
    """MTH of RFC 6962, section 2.1, as it stands there."""
    if len(leaves) < 2:
        return leaf_hash(leaves[0]) if leaves else sha256(b"").digest()
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    return node_hash(plain_root(leaves[:half]), plain_root(leaves[half:]))


def plain_path(index: int, leaves: list[bytes]) -> list[bytes]:
    """PATH of RFC 6962, section 2.1.1."""
    if len(leaves) == 1:
        return []
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if index < half:
        return [*plain_path(index, leaves[:half]), plain_root(leaves[half:])]
    return [*plain_path(index - half, leaves[half:]), plain_root(leaves[:half])]


def plain_subproof(old: int, leaves: list[bytes], whole: bool) -> list[bytes]:
    """SUBPROOF of RFC 6962, section 2.1.2."""
    if old == len(leaves):
        return [] if whole else [plain_root(leaves)]
    half = 1
    while half * 2 < len(leaves):
        half *= 2
    if old <= half:
        return [*plain_subproof(old, leaves[:half], whole), plain_root(leaves[half:])]
    return [*plain_subproof(old - half, leaves[half:], False), plain_root(leaves[:half])]


def entries(count: int) -> list[bytes]:
    return [index.to_bytes(4, "big") for index in range(count)]


def tiles_for(leaves: list[bytes]) -> dict[Tile, bytes]:
    """All tiles of the tree, made by the definition of C2SP tlog-tiles."""
    found = {}
    level, span = 0, 1
    while len(leaves) >= span:
        hashes = [plain_root(leaves[at : at + span]) for at in range(0, len(leaves) - span + 1, span)]
        for index in range(0, len(hashes), 256):
            found[Tile(level, index // 256)] = b"".join(hashes[index : index + 256])
        level, span = level + 1, span * 256
    return found


def test_the_published_roots() -> None:
    tree = GrowingTree()
    assert (
        tree.root() == EMPTY_ROOT == bytes.fromhex("e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855")
    )
    for entry, root in zip(PUBLISHED_LEAVES, PUBLISHED_ROOTS, strict=True):
        tree.append(leaf_hash(entry))
        assert tree.root().hex() == root


def test_all_proofs_of_small_trees_are_those_of_the_definition() -> None:
    for size in range(1, 40):
        leaves = entries(size)
        node = TileNodes(tiles_for(leaves))
        root = plain_root(leaves)
        assert range_hash(0, size, node) == root
        for index in range(size):
            proof = inclusion_proof(index, size, node)
            assert proof == plain_path(index, leaves)
            assert verifies_inclusion(leaf_hash(leaves[index]), index, size, proof, root)
        for old in range(1, size + 1):
            proof = consistency_proof(old, size, node)
            assert proof == plain_subproof(old, leaves, True)
            assert verifies_consistency(old, plain_root(leaves[:old]), size, root, proof)


@pytest.fixture(scope="module")
def large() -> tuple[list[bytes], dict[Tile, bytes]]:
    leaves = entries(66_000)
    return leaves, tiles_for(leaves)


@settings(max_examples=60)
@given(st.data())
def test_proofs_of_large_trees_are_made_of_few_tiles(
    large: tuple[list[bytes], dict[Tile, bytes]], data: st.DataObject
) -> None:
    leaves, tiles = large
    size = data.draw(st.integers(1, len(leaves)))
    index = data.draw(st.integers(0, size - 1))
    needed = tiles_of(nodes_of(inclusion_ranges(index, size)))
    assert len(needed) <= 6
    node = TileNodes({tile: tiles[tile] for tile in needed})
    root = range_hash(0, size, TileNodes(tiles))
    assert verifies_inclusion(leaf_hash(leaves[index]), index, size, inclusion_proof(index, size, node), root)
    old = data.draw(st.integers(1, size))
    node = TileNodes({tile: tiles[tile] for tile in tiles_of(nodes_of(consistency_ranges(old, size)))})
    before = range_hash(0, old, TileNodes(tiles))
    assert verifies_consistency(old, before, size, root, consistency_proof(old, size, node))


@given(st.data())
def test_nothing_else_is_proven(data: st.DataObject) -> None:
    size = data.draw(st.integers(2, 300))
    leaves = entries(size)
    node = TileNodes(tiles_for(leaves))
    root = plain_root(leaves)
    index = data.draw(st.integers(0, size - 1))
    proof = inclusion_proof(index, size, node)
    leaf = leaf_hash(leaves[index])
    at = data.draw(st.integers(0, len(proof) - 1))
    altered = [*proof[:at], bytes(32), *proof[at + 1 :]]
    assert not verifies_inclusion(leaf, index, size, altered, root)
    assert not verifies_inclusion(leaf, index, size, proof[:-1], root)
    assert not verifies_inclusion(leaf, index, size, [*proof, bytes(32)], root)
    assert not verifies_inclusion(leaf_hash(b"another"), index, size, proof, root)
    assert not verifies_inclusion(leaf, (index + 1) % size, size, proof, root)
    old = data.draw(st.integers(1, size - 1))
    before = plain_root(leaves[:old])
    consistency = consistency_proof(old, size, node)
    assert not verifies_consistency(old, leaf_hash(b"another"), size, root, consistency)
    assert not verifies_consistency(old, before, size, leaf_hash(b"another"), consistency)
    assert not verifies_consistency(old, before, size, root, consistency[:-1])
    assert not verifies_consistency(size, root, old, before, consistency)


def test_the_empty_tree_is_a_beginning_of_every_tree_and_asks_for_no_proof() -> None:
    assert consistency_proof(0, 5, TileNodes({})) == []
    assert verifies_consistency(0, EMPTY_ROOT, 5, leaf_hash(b"x"), [])
    assert not verifies_consistency(0, EMPTY_ROOT, 5, leaf_hash(b"x"), [bytes(32)])


@pytest.mark.parametrize(("index", "size"), [(-1, 3), (3, 3), (0, 0)])
def test_a_leaf_that_is_not_there_has_no_proof(index: int, size: int) -> None:
    with pytest.raises(ValueError, match="there is no leaf"):
        inclusion_ranges(index, size)


@pytest.mark.parametrize(("old", "new"), [(4, 3), (-1, 3)])
def test_a_larger_tree_is_no_beginning(old: int, new: int) -> None:
    with pytest.raises(ValueError, match="no beginning"):
        consistency_ranges(old, new)


def test_a_tile_that_is_too_short_is_named() -> None:
    with pytest.raises(MissingTile, match="tile 0/1 has 0 hashes, not 1"):
        TileNodes({Tile(0, 0): bytes(32)})(0, 256)


def test_widths_of_a_tree_of_70000_are_those_of_the_specification() -> None:
    size = 70_000
    assert [width_at(Tile(0, 272), size), width_at(Tile(0, 273), size), width_at(Tile(0, 274), size)] == [256, 112, 0]
    assert [width_at(Tile(1, 0), size), width_at(Tile(1, 1), size)] == [256, 17]
    assert [width_at(Tile(2, 0), size), width_at(Tile(3, 0), size)] == [1, 0]


@pytest.mark.parametrize(("index", "path"), [(0, "000"), (999, "999"), (1000, "x001/000"), (1234067, "x001/x234/067")])
def test_paths_of_tiles(index: int, path: str) -> None:
    assert path_of(index) == path
    assert parse_path(path) == (index, 256)
    assert parse_path(path + ".p/7") == (index, 7)


@pytest.mark.parametrize(
    "path",
    ["", "0", "x000/000", "x01/000", "000/000", "001.p/0", "001.p/256", "001.p/07", "001.p/", "-01", "٠٠١", "1234"],
)
def test_an_address_has_one_form(path: str) -> None:
    assert parse_path(path) is None


def test_perfect_subtrees_of_a_range() -> None:
    assert perfect_subtrees(0, 7) == [(2, 0), (1, 2), (0, 6)]
    assert perfect_subtrees(4, 7) == [(1, 2), (0, 6)]
    assert perfect_subtrees(3, 3) == []
