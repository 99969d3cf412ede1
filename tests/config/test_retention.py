"""Is every mistake in [retention] found, and does what is valid mean what was written?"""

from __future__ import annotations

import pytest

from bwvdock.core.clips.classes.rules import RetentionClass
from tests.config.texts import messages, read

CEILING = '[[retention.class]]\nname = "not-looked-at"\nuntil = "reviewed"\nceiling_days = 365\n'
FORCE = '[[retention.class]]\nname = "use-of-force"\ndays = 365\n'
SAFE = '[[destination]]\nname = "safe"\nkind = "directory"\npath = "/srv/safe"\nclasses_only = true\n'


def test_without_the_table_all_is_kept_31_days_as_before_and_a_week_s_notice_is_given() -> None:
    config = read("")
    assert (config.non_evidential_days, config.unreviewed_days, config.retention.days) == (31, 31, 31)
    assert (config.retention.notice_days, config.retention.classes) == (7, ())


def test_classes_and_what_the_unreviewed_get() -> None:
    config = read(f'[retention]\nunreviewed = "not-looked-at"\nnotice_days = 0\n{CEILING}{FORCE}')
    ceiling = RetentionClass(name="not-looked-at", days=365, until_reviewed=True)
    assert config.retention.classes == (ceiling, RetentionClass(name="use-of-force", days=365))
    assert config.retention.unreviewed == ceiling
    assert (config.non_evidential_days, config.unreviewed_days) == (31, 365)


def test_a_class_of_units_with_a_store_of_its_own() -> None:
    all_ = '[[destination]]\nname = "vault"\nkind = "directory"\n'
    config = read(f'{all_}{SAFE}{FORCE}destinations = ["safe"]\nunits = ["Trojan"]\npriority = 3\n')
    [made] = config.retention.classes
    assert (made.destinations, made.units, made.priority) == (("safe",), ("Trojan",), 3)
    assert [(store.required, store.classes_only) for store in config.destinations] == [
        (True, False),
        (False, True),
    ]


def test_who_may_see_a_class() -> None:
    config = read(f'[access]\nrestricted_groups = ["psd"]\n{FORCE}groups = ["firearms-team"]\n')
    [made] = config.retention.classes
    assert (made.restricted, made.groups, config.retention.groups) == (True, ("firearms-team",), ("psd",))
    assert read(f"{FORCE}restricted = true\n").retention.classes[0].groups == ()


@pytest.mark.parametrize(
    "text,key,says",
    [
        ('[retention]\nunreviewed = "none"\n', "retention.unreviewed", "is not the name of a class"),
        ("[retention]\nnotice_days = 366\n", "retention.notice_days", "from 0 to 365"),
        (FORCE + FORCE, "retention.class[2].name", "another class has the same name"),
        ("[[retention.class]]\ndays = 7\n", "retention.class[1].name", "is missing"),
        ('[[retention.class]]\nname = "a"\n', "retention.class[1].days", "is missing"),
        (f"{CEILING}days = 7\n", "retention.class[1].days", 'does not go with until = "reviewed"'),
        (f"{FORCE}ceiling_days = 7\n", "retention.class[1].ceiling_days", 'needs until = "reviewed"'),
        (f'{FORCE}until = "sunday"\n', "retention.class[1].until", "write one of: reviewed"),
        (f"{FORCE}day = 7\n", "retention.class[1].day", "unknown key"),
        (f'{FORCE}restricted = false\ngroups = ["a"]\n', "retention.class[1].restricted", "groups are named"),
        (f"{CEILING}restricted = true\n", "retention.class[1].until", "has days alone"),
        ("[access]\ngroups = []\n", "access.groups", "unknown key"),
        *(
            (
                f'[retention]\nunreviewed = "use-of-force"\n{FORCE}{more}\n',
                "retention.unreviewed",
                "has more than days",
            )
            for more in ("restricted = true", 'groups = ["a"]', "priority = 1", 'units = ["a"]')
        ),
        (
            f'{FORCE}units = ["Trojan"]\n{FORCE.replace("use", "show")}units = ["a", "tro jan "]\n',
            "retention.class[2].units",
            "another class has the unit tro jan",
        ),
        (f"{FORCE}priority = 10\n", "retention.class[1].priority", "from 0 to 9"),
        (
            f'{FORCE}destinations = ["nowhere"]\n',
            "retention.class[1].destinations",
            "no destination is called",
        ),
        (f'{CEILING}units = ["Trojan"]\n', "retention.class[1].until", "has days alone"),
        (
            f"{SAFE}required = true\n",
            "destination[1].required",
            "cannot be required of every clip",
        ),
        (
            SAFE,
            "destination[1].required",
            "no destination is required",
        ),
    ],
)
def test_every_mistake_is_named(text: str, key: str, says: str) -> None:
    assert says in messages(text)[key]
