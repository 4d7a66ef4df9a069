"""The tree is that of RFC 6962, and every leaf of every size can be led to the root."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from points.proof import merkle

# The reference leaves and roots of RFC 6962's own test data (as in its public implementations).
_LEAVES = "/00/10/2021/3031/40414243/5051525354555657/606162636465666768696a6b6c6d6e6f"
LEAVES = [bytes.fromhex(text) for text in _LEAVES.split("/")]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]


def digests(size):
    return [merkle.leaf(str(number).encode()) for number in range(size)]


def test_nothing_has_the_root_of_nothing():
    assert merkle.root([]).hex() == "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"


@pytest.mark.parametrize("size", range(1, 9))
def test_the_roots_are_those_of_the_standard(size):
    assert merkle.root(merkle.leaf(data) for data in LEAVES[:size]).hex() == ROOTS[size - 1]


@settings(deadline=None)
@given(st.integers(1, 600), st.data())
def test_every_leaf_leads_to_the_root_and_no_other_does(size, data):
    leaves = digests(size)
    index = data.draw(st.integers(0, size - 1))
    root, path = merkle.root(leaves), merkle.path(index, leaves)

    assert merkle.climb(leaves[index], index=index, size=size, neighbours=path) == root
    assert len(path) <= (size - 1).bit_length()
    assert merkle.climb(merkle.leaf(b"x"), index=index, size=size, neighbours=path) != root
    if size > 1:
        elsewhere = (index + data.draw(st.integers(1, size - 1))) % size
        assert merkle.climb(leaves[index], index=elsewhere, size=size, neighbours=path) != root
        assert merkle.climb(leaves[index], index=index, size=size, neighbours=path[:-1]) != root
    assert merkle.climb(leaves[index], index=index, size=size, neighbours=[*path, root]) is None


@settings(deadline=None)
@given(st.integers(1, 300), st.sampled_from([1, 2, 4, 16, 64, 256]), st.data())
def test_a_tree_of_blocks_is_the_tree_of_leaves(size, block, data):
    leaves = digests(size)
    roots = [merkle.root(leaves[first : first + block]) for first in range(0, size, block)]
    index = data.draw(st.integers(0, size - 1))
    place = index // block
    inside = leaves[place * block : (place + 1) * block]

    assert merkle.root(roots) == merkle.root(leaves)
    assert merkle.path(index, leaves) == [*merkle.path(index % block, inside), *merkle.path(place, roots)]


@settings(deadline=None)
@given(st.lists(st.binary(max_size=4), min_size=1, max_size=40, unique=True), st.data())
def test_a_tree_that_was_changed_has_another_root(leaves, data):
    root = merkle.root(map(merkle.leaf, leaves))
    changed = list(leaves)
    place = data.draw(st.integers(0, len(leaves) - 1))
    changed[place] += b"x"

    assert merkle.root(map(merkle.leaf, changed)) != root
    assert merkle.root(map(merkle.leaf, leaves[:-1])) != root


@pytest.mark.parametrize("index", [-1, 3])
def test_a_leaf_that_is_not_there_has_no_path(index):
    with pytest.raises(IndexError):
        merkle.path(index, digests(3))
    assert merkle.climb(merkle.leaf(b""), index=index, size=3, neighbours=[]) is None
