package postgres

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"sync"
	"time"

	"github.com/jackc/pgx/v5/pgconn"
)

// operator is the superuser of the real server, over its socket.
type operator struct {
	cluster *cluster
	names   names

	mu      sync.Mutex // one conversation at a time
	planted []Fault
}

// newOperator waits until the server answers.
func newOperator(ctx context.Context, c *cluster, n names) (*operator, error) {
	o := &operator{cluster: c, names: n}
	for deadline := time.Now().Add(readyLimit); ; time.Sleep(20 * time.Millisecond) {
		conn, err := o.connect(ctx, "postgres")
		if err == nil {
			return o, conn.Close(ctx)
		}
		select {
		case <-c.ended:
			return nil, errors.New("the server ended as it started")
		default:
		}
		if time.Now().After(deadline) {
			return nil, fmt.Errorf("the server doesn't answer: %w", err)
		}
	}
}

// neutral keeps the client library from the machine's PG… variables and files.
const neutral = "password=- sslmode=disable sslrootcert='' sslcert='' sslkey='' sslnegotiation=postgres channel_binding=prefer " +
	"require_auth='' min_protocol_version=3.0 max_protocol_version=3.0 target_session_attrs=any"

func (o *operator) connect(ctx context.Context, database string) (*pgconn.PgConn, error) {
	config, err := pgconn.ParseConfig(fmt.Sprintf("host=%s port=%d user=%s dbname=%s "+neutral, o.cluster.path("s"), o.cluster.port, admin, database))
	if err != nil {
		return nil, err
	}
	config.Password, config.Fallbacks = o.names.adminPass, nil
	config.RuntimeParams = nil
	return pgconn.ConnectConfig(ctx, config)
}

// furnish makes the offer's roles and databases.
func (o *operator) furnish(ctx context.Context) error {
	err := o.run(ctx, "postgres", []string{
		"CREATE ROLE {main} LOGIN CREATEDB REPLICATION PASSWORD '{main-password}'",
		"CREATE ROLE {other} LOGIN PASSWORD '{other-password}'",
		"CREATE ROLE {stranger} LOGIN PASSWORD NULL",
		"CREATE DATABASE {database}",
		"CREATE DATABASE {foreign} OWNER {stranger}",
		"CREATE DATABASE {latin} TEMPLATE template0 ENCODING LATIN1 LOCALE 'C'",
		"REVOKE CONNECT, TEMPORARY ON DATABASE {database}, {foreign}, {latin}, postgres, template1 FROM PUBLIC",
		"GRANT CONNECT, CREATE, TEMPORARY ON DATABASE {database}, {latin} TO {main}",
		"GRANT CONNECT ON DATABASE {database}, {latin} TO {other}",
	})
	for _, database := range []string{o.names.database, o.names.latin} {
		err = errors.Join(err, o.run(ctx, database, []string{
			"REVOKE CREATE ON SCHEMA public FROM PUBLIC", // the default of PostgreSQL 15
			"CREATE EXTENSION pg_stat_statements", "CHECKPOINT",
		}))
	}
	if err := errors.Join(err, o.cluster.inEarnest()); err != nil {
		return err
	}
	return o.reload(ctx)
}

// run executes statements one by one in a database.
func (o *operator) run(ctx context.Context, database string, statements []string) error {
	if len(statements) == 0 {
		return nil
	}
	conn, err := o.connect(ctx, database)
	if err != nil {
		return err
	}
	defer conn.Close(ctx)
	for _, sql := range statements {
		if _, err := conn.Exec(ctx, o.named(sql)).ReadAll(); err != nil {
			return fmt.Errorf("%s: %w", sql, err)
		}
	}
	return nil
}

// named puts the offer's names into a statement.
func (o *operator) named(sql string) string {
	n := o.names
	return strings.NewReplacer("{main}", n.main, "{other}", n.other, "{stranger}", n.stranger, "{main-password}", n.mainPass,
		"{other-password}", n.otherPass, "{database}", n.database, "{foreign}", n.foreign, "{latin}", n.latin, "{admin}", admin).Replace(sql)
}

// plant takes the configuration of earlier faults back and makes that of these.
func (o *operator) plant(ctx context.Context, faults []Fault) error {
	ctx, stop := context.WithTimeout(ctx, readyLimit)
	defer stop()
	o.mu.Lock()
	defer o.mu.Unlock()
	var statements []string
	hba, reload := cleanHBA, false
	for _, f := range slices.Backward(o.planted) {
		statements = append(statements, f.Undo...)
		reload = reload || f.HBA != "" || f.system()
	}
	o.planted = nil
	for _, f := range faults {
		if f.HBA != "" {
			hba = o.named(f.HBA) + cleanHBA
		}
		if len(f.Do) == 0 && f.HBA == "" {
			continue
		}
		statements = append(statements, f.Do...)
		reload = reload || f.HBA != "" || f.system()
		o.planted = append(o.planted, f)
	}
	if err := o.run(ctx, o.names.database, statements); err != nil || !reload {
		return err
	}
	if err := o.cluster.writeHBA(hba); err != nil {
		return err
	}
	return o.reload(ctx)
}

// reload has the server read its configuration, and waits until it has: a new
// connection says since when its configuration stands.
func (o *operator) reload(ctx context.Context) error {
	asked, err := o.value(ctx, "SELECT clock_timestamp(); SELECT pg_reload_conf()")
	if err != nil {
		return err
	}
	for {
		if done, err := o.value(ctx, "SELECT pg_conf_load_time() >= '"+asked+"'"); err != nil || done == "t" {
			return err
		}
		time.Sleep(5 * time.Millisecond)
	}
}

func (o *operator) value(ctx context.Context, sql string) (string, error) {
	list, err := o.list(ctx, sql)
	if err != nil || len(list) == 0 {
		return "", err
	}
	return list[0], nil
}

// list returns the first column of a query.
func (o *operator) list(ctx context.Context, sql string) ([]string, error) {
	conn, err := o.connect(ctx, o.names.database)
	if err != nil {
		return nil, err
	}
	defer conn.Close(ctx)
	results, err := conn.Exec(ctx, o.named(sql)).ReadAll()
	if err != nil {
		return nil, err
	}
	var out []string
	for _, r := range results {
		for _, row := range r.Rows {
			out = append(out, string(row[0]))
		}
	}
	return out, nil
}

func (o *operator) inventory(ctx context.Context) ([]string, error) {
	return o.list(ctx, `
SELECT 'schema ' || nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema$|public$)'
UNION ALL SELECT 'database ' || datname FROM pg_database WHERE datname !~ '^(postgres|template\d)$' AND datname NOT IN ('{database}', '{foreign}', '{latin}')
UNION ALL SELECT 'role ' || rolname FROM pg_roles WHERE rolname !~ '^pg_' AND rolname NOT IN ('{admin}', '{main}', '{other}', '{stranger}')
UNION ALL SELECT 'extension ' || extname FROM pg_extension WHERE extname NOT IN ('plpgsql', 'pg_stat_statements')
UNION ALL SELECT 'publication ' || pubname FROM pg_publication
UNION ALL SELECT 'large object ' || oid FROM pg_largeobject_metadata
UNION ALL SELECT 'prepared ' || gid FROM pg_prepared_xacts
UNION ALL SELECT 'slot ' || slot_name FROM pg_replication_slots
ORDER BY 1`)
}
