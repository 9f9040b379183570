"""What the operator set for webhooks, read alike by both front doors."""

from app.domain.instance import Instance
from app.domain.webhooks.destinations import Destinations
from app.domain.webhooks.service import Webhooks
from app.domain.webhooks.signing import SigningKey
from app.settings import Settings


def webhooks_of(settings: Settings, instance: Instance) -> Webhooks:
    """Return what the operator set for webhooks; both front doors must read the same.

    Where no secret is set, those of webhooks are derived from the database's own.
    """
    secret = settings.webhook_secret
    return Webhooks(
        key=SigningKey.of(secret.get_secret_value() if secret else instance.cursor_secret),
        destinations=Destinations(http=settings.webhook_http, networks=settings.webhook_networks),
    )
