"""Pairs of words that make two alike sentences say opposite things, or things about two ends."""

from lorewright.text.stems import stem
from lorewright.text.tokens import words

_PAIRS = """
enable/disable enabled/disabled activate/deactivate start/stop begin/end beginning/end first/last
next/previous minimum/maximum min/max smallest/largest shortest/longest lowest/highest least/most
increase/decrease raise/lower grow/shrink add/remove insert/delete create/delete install/uninstall open/close
opened/closed lock/unlock push/pop read/write upload/download import/export encode/decode encrypt/decrypt
compress/decompress input/output source/destination sender/receiver send/receive client/server parent/child
primary/secondary ascending/descending left/right top/bottom upper/lower inner/outer internal/external
inside/outside front/back leading/trailing horizontal/vertical row/column rows/columns inclusive/exclusive
include/exclude including/excluding allow/deny allow/forbid accept/reject grant/revoke attach/detach
mount/unmount load/unload subscribe/unsubscribe connect/disconnect join/leave login/logout succeed/fail
success/failure valid/invalid public/private local/remote synchronous/asynchronous sync/async
mutable/immutable optional/required positive/negative true/false on/off before/after above/below over/under
more/less more/fewer with/without day/night morning/evening summer/winter spring/autumn hot/cold warm/cold
wet/dry early/late old/new young/old male/female adult/child buy/sell credit/debit incoming/outgoing
inbound/outbound arrival/departure population/sample serialize/deserialize commit/rollback upgrade/downgrade
expand/collapse show/hide
vor/nach mehr/weniger mit/ohne erste/letzte öffnen/schließen ein/aus einschalten/ausschalten starten/stoppen
hinzufügen/entfernen anlegen/löschen lesen/schreiben oben/unten links/rechts erhöhen/senken größte/kleinste tag/nacht
avant/après plus/moins avec/sans premier/dernier ouvrir/fermer activer/désactiver ajouter/supprimer lire/écrire
haut/bas gauche/droite augmenter/diminuer jour/nuit
antes/después más/menos con/sin primero/último abrir/cerrar activar/desactivar añadir/eliminar leer/escribir día/noche
до/после больше/меньше первый/последний открыть/закрыть включить/выключить добавить/удалить читать/писать
"""


def _opposites() -> dict[str, frozenset[str]]:
    found: dict[str, set[str]] = {}
    for pair in _PAIRS.split():
        one, other = (stem(word) for word in pair.split("/"))
        found.setdefault(one, set()).add(other)
        found.setdefault(other, set()).add(one)
    return {word: frozenset(those - {word}) for word, those in found.items()}


_OPPOSITES = _opposites()


def oppose(one: str, other: str) -> bool:
    """Whether a word of one text has its opposite in the other, and neither text has both."""
    mine, theirs = (set(map(stem, words(text))) for text in (one, other))
    return any(
        _OPPOSITES.get(word, frozenset()) & (theirs - mine) for word in mine - theirs if word in _OPPOSITES
    )
