"""PostgreSQL itself refuses to change or delete what happened, whoever asks."""

from django.db import migrations

# A deleted person or customer leaves NULL behind; nothing else of a row may change.
CREATE = """
CREATE FUNCTION accounts_auditevent_is_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  IF TG_OP = 'UPDATE'
     AND (NEW.actor_id IS NULL OR NEW.actor_id = OLD.actor_id)
     AND (NEW.customer_id IS NULL OR NEW.customer_id = OLD.customer_id)
     AND to_jsonb(NEW) - 'actor_id' - 'customer_id' = to_jsonb(OLD) - 'actor_id' - 'customer_id'
  THEN
    RETURN NEW;
  END IF;
  RAISE EXCEPTION 'Audit events are append-only.';
END $$;
CREATE TRIGGER accounts_auditevent_append_only BEFORE UPDATE OR DELETE ON accounts_auditevent
  FOR EACH ROW EXECUTE FUNCTION accounts_auditevent_is_append_only();
"""
DROP = """
DROP TRIGGER accounts_auditevent_append_only ON accounts_auditevent;
DROP FUNCTION accounts_auditevent_is_append_only();
"""


def on_postgres(sql):
    def run(apps, schema_editor):
        if schema_editor.connection.vendor == "postgresql":
            schema_editor.execute(sql, params=None)

    return run


class Migration(migrations.Migration):
    dependencies = [("accounts", "0001_initial")]
    operations = [migrations.RunPython(on_postgres(CREATE), on_postgres(DROP))]
