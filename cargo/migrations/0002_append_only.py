"""The log is append-only, said by the database; and what each database stores best in its own way."""

from django.db import migrations

POSTGRES = [
    """
    CREATE FUNCTION cargo_event_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
    BEGIN
        IF EXISTS (SELECT 1 FROM cargo_maintenance WHERE name = 'erase') THEN
            IF TG_OP = 'UPDATE' THEN RETURN NEW; END IF;
            RETURN OLD;
        END IF;
        RAISE EXCEPTION 'the event log is append-only' USING ERRCODE = 'restrict_violation';
    END $$
    """,
    """
    CREATE TRIGGER cargo_event_append_only BEFORE UPDATE OR DELETE ON cargo_event
    FOR EACH ROW EXECUTE FUNCTION cargo_event_append_only()
    """,
    # Rows that every message changes: room in the page for the new version (HOT), and no detour through TOAST.
    "ALTER TABLE cargo_shipmentstatus SET (fillfactor = 75)",
    "ALTER TABLE cargo_shipmentstate SET (fillfactor = 75, toast_tuple_target = 8160)",
    "ALTER TABLE cargo_shipmentstate ALTER COLUMN packed SET STORAGE EXTERNAL",
    "ALTER TABLE cargo_inboundmessage SET (fillfactor = 45)",
    "ALTER TABLE cargo_event ALTER COLUMN content SET STORAGE EXTENDED",
    # Message ids grow with the log, so a block range index finds a message's events at almost no cost.
    "CREATE INDEX event_message ON cargo_event USING brin (message_id)",
    # Times of recording grow with it too: the sweep asks for the last minutes of the log.
    "CREATE INDEX event_recorded ON cargo_event USING brin (recorded_at)",
    # Prefix search by number, whatever the database's collation.
    "CREATE INDEX shipment_reference_prefix ON cargo_shipmentreference (value text_pattern_ops)",
]
POSTGRES_BACK = [
    "DROP INDEX shipment_reference_prefix",
    "DROP INDEX event_recorded",
    "DROP INDEX event_message",
    "DROP TRIGGER cargo_event_append_only ON cargo_event",
    "DROP FUNCTION cargo_event_append_only()",
]
SQLITE = [
    f"""
    CREATE TRIGGER cargo_event_append_only_{verb} BEFORE {verb} ON cargo_event
    WHEN NOT EXISTS (SELECT 1 FROM cargo_maintenance WHERE name = 'erase')
    BEGIN SELECT RAISE(ABORT, 'the event log is append-only'); END
    """
    for verb in ("UPDATE", "DELETE")
] + ["CREATE INDEX event_message ON cargo_event (message_id)"]
SQLITE_BACK = [
    "DROP INDEX event_message",
    "DROP TRIGGER cargo_event_append_only_UPDATE",
    "DROP TRIGGER cargo_event_append_only_DELETE",
]


def forwards(apps, schema_editor):
    for statement in POSTGRES if schema_editor.connection.vendor == "postgresql" else SQLITE:
        schema_editor.execute(statement)
    apps.get_model("cargo", "FeedHead").objects.get_or_create(id=1)


def backwards(apps, schema_editor):
    for statement in POSTGRES_BACK if schema_editor.connection.vendor == "postgresql" else SQLITE_BACK:
        schema_editor.execute(statement)


class Migration(migrations.Migration):
    dependencies = [("cargo", "0001_initial")]

    operations = [migrations.RunPython(forwards, backwards)]
