"""By whose acts a decision came about; since when and until when lines of an answer are so."""

from __future__ import annotations

from typing import Any, LiteralString

from erstwhile.api.asking.actions_and_resources import require_action, require_existing, require_resource
from erstwhile.api.asking.moments import Overtaken, moment
from erstwhile.api.asking.over_time.ground import Grounded
from erstwhile.api.asking.over_time.lasting import add_to_what_can, add_to_who_can
from erstwhile.api.asking.over_time.spans import Telling
from erstwhile.api.asking.over_time.stopping import Stop, stoppable
from erstwhile.api.asking.over_time.told_events import ToldEvents
from erstwhile.api.asking.over_time.told_provenance import provenance_json
from erstwhile.api.asking.over_time.told_session import session_json
from erstwhile.api.asking.principal_finder import find_subject
from erstwhile.domain.history.facts_at import directory_at
from erstwhile.domain.history.happenings import Happenings
from erstwhile.domain.history.provenance import provenance
from erstwhile.domain.vocabulary.context_values import ContextValues
from erstwhile.domain.vocabulary.instants import format_instant, parse_instant
from erstwhile.projections.asked_ahead import ask
from erstwhile.projections.columns.acts import ColumnActs

_HEAD: LiteralString = "SELECT max(position)::text FROM event"


class InstantQuestions(Grounded):
    """Over all time, of one instant."""

    def add_lasting(
        self,
        answer: dict[str, Any],
        stop: Stop,
        action: str = "",
        resource: str = "",
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """An answer to who-can or what-can, with since when and until when each of its lines has been so."""
        at = parse_instant(answer["as_of"])
        history = stoppable(self.history.facts(answer["known_at"]), stop)
        if "permissions" in answer:
            add_to_what_can(history, answer["known_at"], answer, at)
            return answer
        asked = require_resource(directory_at(history, at), self.names, resource, resource_account)
        with self.history.connection() as connection:
            telling = Telling(history, ToldEvents(connection))
            notes = add_to_who_can(
                telling, history, answer, at, action, asked.resource, asked.account, context
            )  # fmt: skip
        answer["coverage"]["notes"] += notes
        return answer

    def _acts(self, events: ToldEvents, known_at: int) -> Happenings:
        columns = self.history.past.history(known_at).granting
        return events.happenings if columns is None else ColumnActs(events.happenings, columns)

    def provenance(
        self,
        principal: str,
        action: str,
        resource: str,
        as_of: str | None,
        known_at: str | None,
        stop: Stop,
        *,
        resource_account: str | None = None,
        context: ContextValues | None = None,
    ) -> dict[str, Any]:
        """How a decision came about: the chain of grants, with the right of each actor. Raises Problem."""
        require_action(action)
        asked = (principal, action, resource, as_of, known_at, stop, resource_account, context)
        return self.history.from_seen_head(lambda supposed: self._provenance(*asked, supposed), as_of, known_at)

    def _provenance(
        self, principal: str, action: str, resource: str, as_of: str | None, known_at: str | None, stop: Stop,
        resource_account: str | None, context: ContextValues | None, supposed: int,
    ) -> dict[str, Any]:  # fmt: skip
        """Raises Problem, and Overtaken where `supposed` was not the log's head when the question came."""
        with self.history.connection() as connection:
            when = moment(connection, as_of, known_at, supposed)
            head = ask(connection, _HEAD, ()) if when.is_supposed else None
            self.history.wait_for(connection, when.known_at)
            history = stoppable(self.history.facts(when.known_at), stop)
            directory = directory_at(history, when.as_of)
            require_existing(directory, self.names, action)
            asked = require_resource(directory, self.names, resource, resource_account)
            arn = find_subject(connection, directory, principal, when)
            telling = Telling(history, ToldEvents(connection))
            found = provenance(
                history, self._acts(telling.events, when.known_at), arn, action, asked.resource, when.as_of,
                context=context, resource_account=asked.account, rights=self.history.past.rights,
            )  # fmt: skip
            told = provenance_json(telling, found)
            before = self.history.before_beginning(connection, when.as_of, when.known_at)
            told["session"] = session_json(connection, telling, history, directory, arn, when)
            if head is not None:
                [(position,)] = head.rows()
                if int(position or 0) != when.known_at:
                    raise Overtaken
            elif known_at is None:
                self.history.seen_head = when.known_at
        return {
            "as_of": format_instant(when.as_of), "known_at": when.known_at, "revision": when.known_at, **told,
            "notes": [*asked.notes, *before],
        }  # fmt: skip
