package postgres

import (
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"testing"
	"time"

	"aloi.dev/internal/demonstrator/probe/probetest/loadtest"
)

// TestBench_Postgres: CPU of the client for a select by key, at full speed over 8
// connections, beside pgbench with the same statement on the same table; and the
// transfer.
func TestBench_Postgres(t *testing.T) {
	loadtest.Asked(t, "postgres")
	const connections, rounds = 8, 3
	seconds := 5 * time.Second
	b := loadtest.Start(t, Suite)
	ready, state, reason := b.Session.Ready(t.Context(), Suite.Load("select-by-key"))
	if ready == nil {
		t.Fatalf("%s: %s", state, reason.Text().EN)
	}
	defer ready.Close()
	w := ready.Workload.(*traffic)
	folders, _ := filepath.Glob("/usr/lib/postgresql/*/bin")
	pgbench := loadtest.Peer(t, "pgbench", folders...)
	script := filepath.Join(t.TempDir(), "select.sql")
	schema := regexp.MustCompile(`"[^"]+"`).FindString(w.sends[0].sql)
	text := fmt.Sprintf("\\set id random(1, %d)\nSELECT balance FROM %s.accounts WHERE id = :id;\n", accounts, schema)
	if err := os.WriteFile(script, []byte(text), 0o600); err != nil {
		t.Fatal(err)
	}
	env := []string{"PGHOST=" + w.config.Host, "PGPORT=" + strconv.Itoa(int(w.config.Port)), "PGUSER=" + w.config.User, "PGPASSWORD=" + w.config.Password,
		"PGDATABASE=" + w.config.Database, "PGSSLMODE=require"}
	var ours, theirs []time.Duration
	for range rounds {
		s := loadtest.Flat(t, w, connections, seconds)
		ours = append(ours, s.PerThousand())
		t.Logf("%-10s select: %v of CPU a thousand, %d/s", "ours", s.PerThousand().Round(100*time.Nanosecond), s.Operations/int64(seconds/time.Second))
		if pgbench == "" {
			continue
		}
		out, cpu := loadtest.Run(t, env, pgbench, "-n", "-M", "prepared", "-c", strconv.Itoa(connections), "-j", "2", "-T", "5", "-f", script)
		found := regexp.MustCompile(`transactions actually processed: (\d+)`).FindStringSubmatch(out)
		if found == nil {
			t.Fatalf("pgbench: %s", out)
		}
		n, _ := strconv.ParseInt(found[1], 10, 64)
		s = loadtest.Spent{Operations: n, CPU: cpu}
		theirs = append(theirs, s.PerThousand())
		t.Logf("%-10s select: %v of CPU a thousand, %d/s", "pgbench", s.PerThousand().Round(100*time.Nanosecond), n/5)
	}
	if len(theirs) > 0 {
		t.Logf("select, ours / pgbench, medians: %.2f (wanted: 2.0 at most)", float64(loadtest.Median(ours))/float64(loadtest.Median(theirs)))
	}
	s := b.Closed(t, "transaction", connections, seconds)
	t.Logf("%-10s transfer: %v of CPU a thousand, %d/s", "ours", s.PerThousand().Round(time.Microsecond), s.Operations/5)
}
