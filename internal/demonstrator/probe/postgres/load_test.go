package postgres

import (
	"context"
	"strings"
	"testing"
	"time"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/probe/probetest/loadtest"
)

// TestLoads: every answer of each operation is the right one, and nothing is left.
func TestLoads(t *testing.T) {
	t.Parallel()
	loadtest.Start(t, Suite).Right(t, 100)
}

// TestLoads_Wrong: rows that are not those that were stored, tables that are gone and
// a server that ends the session are failures, of their kind; and the money of the
// transfers adds up.
func TestLoads_Wrong(t *testing.T) {
	t.Parallel()
	b := loadtest.Start(t, Suite)
	for _, c := range []struct {
		operation, meanwhile string
		kind                 load.Kind
	}{
		{"select-by-key", "UPDATE {s}.accounts SET balance = balance + 1", load.Wrong},
		{"select-by-key", "DELETE FROM {s}.accounts", load.Wrong},
		{"select-by-key", "DROP TABLE {s}.accounts", load.Status},
		{"transaction", "ALTER TABLE {s}.history ADD CHECK (delta < 0)", load.Status},
		{"commit-one-row", "SELECT 1", ""},
	} {
		ready, state, reason := b.Session.Ready(t.Context(), Suite.Load(c.operation))
		if ready == nil {
			t.Fatalf("%s: %s", state, reason.Text().EN)
		}
		w := ready.Workload.(*traffic)
		pg := aside(t, w)
		schema := strings.Split(strings.SplitAfterN(w.sends[len(w.sends)/2].sql, `"`, 2)[1], `"`)[0]
		if _, err := pg.Exec(t.Context(), strings.ReplaceAll(c.meanwhile, "{s}", quote(schema))).ReadAll(); err != nil {
			t.Fatal(err)
		}
		run, err := load.Run(t.Context(), load.Plan{
			Load: load.Load{Shape: load.Constant, Rate: 100, Block: 100 * time.Millisecond}, Connections: 4, Timeout: time.Second, Patience: time.Second, Duration: 300 * time.Millisecond,
			Contestants: []load.Contestant{{Name: "alize", Workload: w, OpBytes: opBytes, Budget: load.NewBudget(b.Session.LoadCaps())}},
		}, load.System())
		ready.Close()
		if err != nil {
			t.Fatal(err)
		}
		if total := run.Offers[0].Total(); total.Failures[string(c.kind)] != total.Failed || (total.Failed == total.Requests) != (c.kind != "") {
			t.Errorf("%s, %s: %+v", c.operation, c.meanwhile, total)
		}
	}
}

// aside is a connection beside those of the load.
func aside(t *testing.T, w *traffic) *pgconn.PgConn {
	t.Helper()
	client, err := w.Open()
	if err != nil {
		t.Fatal(err)
	}
	pg, err := pgconn.ConnectConfig(context.Background(), client.(*rider).config)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = pg.Close(context.Background()) })
	return pg
}
