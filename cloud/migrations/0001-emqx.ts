import { DEFINER } from './0001-who.ts'

/**
 * What an EMQX 5 cluster asks at a CONNECT, a PUBLISH and a SUBSCRIBE (cloud/README.md has the queries): two views over
 * the gateways that have a name of their own in `mqtt_names`.
 *
 * A gateway with a secret is known by its user names. One with a certificate by the MD5 of the certificate as it is: sites
 * have CAs of their own, each of which could write any common name, but none can make a second certificate with a given
 * MD5. By common name only where every site's CA is trusted with every name.
 */
const derMd5 = `CREATE FUNCTION millwright.certificate_md5(p_pem text) RETURNS text
LANGUAGE plpgsql IMMUTABLE SET search_path = pg_catalog, pg_temp AS $$
BEGIN
  RETURN md5(decode(regexp_replace(p_pem, '-----[A-Z ]+-----|\\s', '', 'g'), 'base64'));
EXCEPTION WHEN OTHERS THEN
  -- No certificate, or a server that has no MD5 (FIPS): no name.
  RETURN NULL;
END
$$`

/** What stands before names in topics of the built-in dialects, or in the place of one. */
const wordsBeforeNames = ['mw', 'tds_new', 'tenants', 'users', 'devices', 'clients', 'time']

/**
 * What a gateway can be called. Not as the digest of a certificate, for EMQX asks for both as the username: it would have what
 * the gateway with that certificate has. Nor by a word that topics of all begin with.
 */
const canBeName = (name: string) =>
  `${name} <> '' AND ${name} !~ '^([0-9a-f]{32}|${wordsBeforeNames.join('|')})$'`

/** The names that a gateway should have. */
const namesOf = `CREATE FUNCTION millwright.mqtt_names_of(p_gateway uuid) RETURNS TABLE (name text, kind text)
LANGUAGE sql STABLE ${DEFINER} AS $$
  WITH gateway AS (
    SELECT * FROM millwright.gateways
    WHERE id = p_gateway AND deleted_at IS NULL AND state IN ('claimed', 'active', 'suspended')
  ), certificate AS (
    SELECT c.* FROM millwright.certificates c
    JOIN gateway g ON g.id = c.gateway_id AND g.site_id = c.site_id
    WHERE c.state = 'active' AND c.kind = 'gateway'
  )
  SELECT given.name, 'username' FROM gateway, unnest(usernames) AS given (name) WHERE ${canBeName('given.name')}
  UNION
  SELECT millwright.certificate_md5(pem), 'certificate' FROM certificate
  UNION
  SELECT substring(subject FROM '(?:^|[,/+\\n])\\s*CN\\s*=\\s*([^,/+\\n]+)'), 'common_name' FROM certificate
$$`

/** Gives a user name that is free to whoever waits for it longest. */
const passName = `CREATE FUNCTION millwright.pass_mqtt_name(p_name text, p_from uuid) RETURNS void
LANGUAGE sql ${DEFINER} AS $$
  INSERT INTO millwright.mqtt_names (name, kind, gateway_id)
  SELECT p_name, 'username', g.id FROM millwright.gateways g
  WHERE g.usernames @> ARRAY[p_name] AND g.id <> p_from AND ${canBeName('p_name')}
    AND g.deleted_at IS NULL AND g.state IN ('claimed', 'active', 'suspended')
  ORDER BY g.created_at, g.id LIMIT 1
  ON CONFLICT DO NOTHING
$$`

/** Gives a gateway the names that nobody has, and lets go of those that it should not have any more. */
const claimNames = `CREATE FUNCTION millwright.claim_mqtt_names(p_gateway uuid) RETURNS void
LANGUAGE plpgsql ${DEFINER} AS $$
DECLARE
  freed record;
BEGIN
  FOR freed IN
    DELETE FROM millwright.mqtt_names n
    WHERE n.gateway_id = p_gateway
      AND NOT EXISTS (SELECT FROM millwright.mqtt_names_of(p_gateway) w WHERE w.name = n.name AND w.kind = n.kind)
    RETURNING n.name, n.kind
  LOOP
    IF freed.kind = 'username' THEN
      PERFORM millwright.pass_mqtt_name(freed.name, p_gateway);
    END IF;
  END LOOP;
  INSERT INTO millwright.mqtt_names (name, kind, gateway_id)
  SELECT name, kind, p_gateway FROM millwright.mqtt_names_of(p_gateway) WHERE name <> '' ORDER BY 1, 2
  ON CONFLICT DO NOTHING;
END
$$`

const keepNames = `CREATE FUNCTION millwright.keep_mqtt_names() RETURNS trigger LANGUAGE plpgsql ${DEFINER} AS $$
BEGIN
  IF TG_OP = 'DELETE' THEN
    -- Its names went with it, by the foreign key.
    PERFORM millwright.pass_mqtt_name(name, OLD.id) FROM unnest(OLD.usernames) AS name;
  ELSIF TG_TABLE_NAME = 'gateways' THEN
    PERFORM millwright.claim_mqtt_names(NEW.id);
  ELSE
    PERFORM millwright.claim_mqtt_names(NEW.gateway_id);
  END IF;
  RETURN NULL;
END
$$`

/** Gateways that may connect: a revocation, a suspension and a tenant's suspension count from the next query on. */
const mayConnect = `g.state IN ('claimed', 'active') AND g.deleted_at IS NULL
  AND t.state = 'active' AND t.deleted_at IS NULL`

const gatewayOfName = `FROM millwright.mqtt_names n
JOIN millwright.gateways g ON g.id = n.gateway_id
JOIN millwright.tenants t ON t.id = g.tenant_id`

/** A gateway that must show both is known by its certificate, and its secret is its password. */
const knownBy = `((n.kind = 'username' AND g.credential = 'secret')
  OR (n.kind = 'certificate' AND g.credential IN ('certificate', 'both')))`

/** What all gateways hear, whoever they are. */
const sharedTopic = 'mw/time'

/**
 * Whose a topic is: the first of its levels that is a gateway's name says it, and no wildcard stands before. So two gateways
 * have no topic in common, whatever their sites wrote. In `tenants/x` and `users/x` the name of a tenant or person stands.
 */
const ownerOfTopic = `(SELECT owner.gateway_id
  FROM unnest(string_to_array(split_part(translate(rule.topic, '#', '+'), '+', 1), '/')) WITH ORDINALITY AS level (text, place)
  JOIN millwright.mqtt_names owner ON owner.name = level.text AND owner.kind = 'username'
  WHERE NOT (level.place = 2 AND rule.topic ~ '^(tenants|users)/')
  ORDER BY level.place LIMIT 1)`

/**
 * EMQX would fill in placeholders in a topic, takes `eq ` in front for a mark, and `$` for topics that lead to others: none is
 * a topic of a gateway.
 */
const rules = `CROSS JOIN LATERAL unnest(g.client_ids) AS client (id)
CROSS JOIN LATERAL jsonb_to_recordset(g.topics) AS rule (action text, topic text, pending boolean)
WHERE ${mayConnect}
  AND (g.bind_state IS DISTINCT FROM 'pending' OR rule.pending)
  AND rule.action IN ('publish', 'subscribe')
  AND position('\${' IN rule.topic) = 0 AND rule.topic NOT LIKE 'eq %' AND rule.topic NOT LIKE '$%'
  AND (${ownerOfTopic} = g.id OR (rule.topic = '${sharedTopic}' AND rule.action = 'subscribe'))`

export const emqx: readonly string[] = [
  derMd5,
  namesOf,
  passName,
  claimNames,
  keepNames,
  `ALTER TABLE millwright.mqtt_names ADD CHECK (kind <> 'username' OR (${canBeName('name')}))`,
  `CREATE TRIGGER keep_mqtt_names AFTER INSERT ON millwright.gateways
FOR EACH ROW EXECUTE FUNCTION millwright.keep_mqtt_names()`,
  `CREATE TRIGGER keep_mqtt_names_changed AFTER UPDATE ON millwright.gateways
FOR EACH ROW WHEN ((OLD.usernames, OLD.state, OLD.deleted_at) IS DISTINCT FROM (NEW.usernames, NEW.state, NEW.deleted_at))
EXECUTE FUNCTION millwright.keep_mqtt_names()`,
  // Triggers of a row run in order of their names, those of foreign keys (RI_…) before.
  `CREATE TRIGGER keep_mqtt_names_gone AFTER DELETE ON millwright.gateways
FOR EACH ROW EXECUTE FUNCTION millwright.keep_mqtt_names()`,
  `CREATE TRIGGER keep_mqtt_names AFTER INSERT OR UPDATE ON millwright.certificates
FOR EACH ROW EXECUTE FUNCTION millwright.keep_mqtt_names()`,
  `CREATE VIEW millwright.emqx_auth AS
SELECT n.name AS username, g.secret_hash AS password_hash, decode(g.secret_salt, 'hex') AS salt, false AS is_superuser
${gatewayOfName}
WHERE ${mayConnect} AND g.secret_hash IS NOT NULL AND g.secret_salt IS NOT NULL
  AND ((n.kind = 'username' AND g.credential = 'secret') OR (n.kind = 'certificate' AND g.credential = 'both'))`,
  `CREATE VIEW millwright.emqx_acl AS
SELECT n.name AS username, NULL::text AS common_name, client.id AS clientid,
  'allow'::text AS permission, rule.action, rule.topic
${gatewayOfName}
${rules} AND ${knownBy}
UNION ALL
SELECT NULL, n.name, client.id, 'allow', rule.action, rule.topic
${gatewayOfName}
${rules} AND n.kind = 'common_name' AND g.credential IN ('certificate', 'both')`,
  'GRANT SELECT ON millwright.emqx_auth, millwright.emqx_acl TO millwright_emqx',
]
