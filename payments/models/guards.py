"""How the tables of this floor are guarded: triggers by statement, with the sentence that is raised.

Statement-level triggers see all changed rows at once ("before" and "after", or "added"), so that guarding a
run of a hundred thousand lines costs a join, not a hundred thousand calls. They cannot be deferred: a run,
its payments and its lines are born in one statement.
"""

import pgtrigger

from payments.books import BOOKS_LOCK


def refused_if(condition: str, sentence: str) -> str:
    """PL/pgSQL: refuse the statement, with a sentence for people, when the query finds a row.

    EXECUTE plans the query anew for each statement, and counting plans for reading all of it. Otherwise the plan
    is a nested loop, fit for one row, which takes minutes for the ten thousand that a run changes.
    """
    sentence = sentence.replace("'", "''").replace("%", "%%")
    return (
        f"EXECUTE $query$ SELECT count(*) > 0 FROM ({condition}) AS found $query$ INTO broken;\n"
        f"IF broken THEN RAISE EXCEPTION '{sentence}' USING ERRCODE = 'check_violation'; END IF;"
    )


def _after(name: str, operation, seen: pgtrigger.Referencing, refusals: tuple[str, ...]) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.After,
        operation=operation,
        referencing=seen,
        declare=[("broken", "boolean")],
        func="\n".join([*refusals, "RETURN NULL;"]),
    )


def after_insert(name: str, *refusals: str) -> pgtrigger.Trigger:
    return _after(name, pgtrigger.Insert, pgtrigger.Referencing(new="added"), refusals)


def after_update(name: str, *refusals: str) -> pgtrigger.Trigger:
    return _after(name, pgtrigger.Update, pgtrigger.Referencing(old="before", new="after"), refusals)


def after_delete(name: str, *refusals: str) -> pgtrigger.Trigger:
    return _after(name, pgtrigger.Delete, pgtrigger.Referencing(old="gone"), refusals)


def never_deleted(name: str) -> pgtrigger.Trigger:
    return pgtrigger.Protect(name=name, operation=pgtrigger.Delete)


def waits_for_open_books(name: str) -> pgtrigger.Trigger:
    return pgtrigger.Trigger(
        name=name,
        level=pgtrigger.Statement,
        when=pgtrigger.Before,
        operation=pgtrigger.Insert | pgtrigger.Update,
        func=f"PERFORM pg_advisory_xact_lock_shared({BOOKS_LOCK}); RETURN NULL;",
    )


def changed(*columns: str, where: str = "TRUE") -> str:
    """A query for the updated rows in which any of ``columns`` differs."""
    before, after = (", ".join(f"{table}.{column}" for column in columns) for table in ("b", "a"))
    return (
        "SELECT FROM after AS a JOIN before AS b USING (id) "
        f"WHERE ({where}) AND ROW({after}) IS DISTINCT FROM ROW({before})"
    )
