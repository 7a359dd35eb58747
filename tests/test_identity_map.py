"""Values by the object they belong to."""

import gc

from orchestrator.identity_map import IdentityMap


def test_equal_objects_are_two_keys() -> None:
    one: list[int] = []
    other: list[int] = []
    values: IdentityMap[str] = IdentityMap()
    values[one] = "one"
    values.update([other], ["other"])
    assert (values[one], values[other]) == ("one", "other")
    assert values.get([], None) is None
    values[one] = "again"
    assert list(values.values()) == ["again", "other"]


def test_an_address_is_never_another_objects() -> None:
    values: IdentityMap[int] = IdentityMap()
    for number in range(100):
        values[[number]] = number
        values.update([[-number]], [-number])
        gc.collect(0)
    assert all(values.get([number], None) is None for number in range(100))
    assert len(list(values.values())) == 200
