package postgres

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
)

// The kinds of resources in the ledger.
const (
	kindSchema      = "postgres/schema"
	kindDatabase    = "postgres/database"
	kindPrepared    = "postgres/prepared-transaction"
	kindPublication = "postgres/publication"
)

// session opens a connection that isn't a check's.
func session(ctx context.Context, s *probe.Session, account string) (*pgconn.PgConn, error) {
	config, err := configure(ctx, s, account)
	if err != nil {
		return nil, err
	}
	return pgconn.ConnectConfig(ctx, config)
}

// leave closes such a connection, without waiting long for a server that is slow
// to.
func leave(ctx context.Context, pg *pgconn.PgConn) {
	ctx, stop := context.WithTimeout(ctx, time.Second)
	defer stop()
	_ = pg.Close(ctx)
}

// control opens a session of each account and has it answer a query.
func control(ctx context.Context, s *probe.Session) error {
	for _, account := range []string{mainAccount, otherAccount} {
		if _, ok := s.Account(account); !ok {
			continue
		}
		pg, err := session(ctx, s, account)
		if err != nil {
			return fmt.Errorf("account %s: %s", account, plain(err))
		}
		result := pg.ExecParams(ctx, "SELECT 1", nil, nil, nil, nil).Read()
		leave(ctx, pg)
		if result.Err != nil {
			return fmt.Errorf("account %s: SELECT 1: %s", account, plain(result.Err))
		}
		if len(result.Rows) != 1 {
			return fmt.Errorf("account %s: SELECT 1 returned %d rows", account, len(result.Rows))
		}
	}
	return nil
}

// plain is an error without addresses and names.
func plain(err error) string {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		return said(refusal)
	}
	return probe.Plain(err)
}

// recipes delete a resource by its quoted name.
var recipes = map[string]func(name string) string{
	kindSchema:      func(name string) string { return "DROP SCHEMA IF EXISTS " + quote(name) + " CASCADE" },
	kindDatabase:    func(name string) string { return "DROP DATABASE IF EXISTS " + quote(name) },
	kindPublication: func(name string) string { return "DROP PUBLICATION IF EXISTS " + quote(name) },
	kindPrepared:    func(name string) string { return "ROLLBACK PREPARED " + literal(name) },
}

// undefinedObject is the code for a prepared transaction that doesn't exist.
const undefinedObject = "42704"

// remove deletes a resource of the ledger.
func remove(ctx context.Context, s *probe.Session, r probe.Resource) error {
	recipe, ok := recipes[r.Kind]
	if !ok {
		return fmt.Errorf("unknown kind of resource %q", r.Kind)
	}
	pg, err := session(ctx, s, r.Account)
	if err != nil {
		return err
	}
	defer leave(ctx, pg)
	_, err = pg.Exec(ctx, recipe(r.Name)).ReadAll()
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) && refusal.Code == undefinedObject {
		return nil
	}
	return err
}

// inventory lists the schemas, databases, publications and prepared transactions
// that the main account sees.
func inventory(ctx context.Context, s *probe.Session) ([]string, error) {
	pg, err := session(ctx, s, mainAccount)
	if err != nil {
		return nil, errors.New(plain(err))
	}
	defer leave(ctx, pg)
	const list = `SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname !~ '^pg_'
UNION ALL SELECT datname FROM pg_catalog.pg_database
UNION ALL SELECT pubname FROM pg_catalog.pg_publication
UNION ALL SELECT gid FROM pg_catalog.pg_prepared_xacts`
	got, err := collect(pg.ExecParams(ctx, list, nil, nil, nil, nil))
	if err != nil {
		return nil, errors.New(plain(err))
	}
	return got.lines, nil
}
