package postgres

import (
	"strconv"

	"aloi.dev/internal/demonstrator/load"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

// The size of what workloads work on: that of pgbench at scale 1, with fewer accounts
// and more branches, so that transactions don't all wait for one row.
const (
	accounts = 10_000
	tellers  = 100
	branches = 10
)

// statements are what a request of a workload sends, one after the other, each a
// round trip. {s} is the schema.
type statements struct {
	setUp  []string
	sends  []statement
	answer int // the statement whose one row is the balance of an account; -1: none
}

type statement struct {
	sql    string
	values func(random uint64, into [][]byte) [][]byte
}

// loads is the table of what may be put under load. The transaction is pgbench's
// "TPC-B (sort of)".
var loads = []probe.Load{
	loadOf("select-by-key", lang.T("Lire une ligne par sa clé", "Read a row by its key"), "SELECT", statements{
		setUp:  accountTable,
		sends:  []statement{{"SELECT balance FROM {s}.accounts WHERE id = $1", account}},
		answer: 0,
	}),
	loadOf("commit-one-row", lang.T("Valider l'ajout d'une ligne", "Commit one more row"), "INSERT", statements{
		setUp:  []string{"CREATE TABLE {s}.journal (id bigserial PRIMARY KEY, at timestamptz NOT NULL DEFAULT now(), said text NOT NULL)"},
		sends:  []statement{{"INSERT INTO {s}.journal (said) VALUES ($1)", anything}},
		answer: -1,
	}),
	loadOf("transaction", lang.T("Valider un virement : trois mises à jour, une lecture, un ajout", "Commit a transfer: three updates, a read, an insertion"), "Tutorial, Transactions", statements{
		setUp: append(accountTable[:len(accountTable):len(accountTable)],
			"CREATE TABLE {s}.tellers AS SELECT i AS id, 0::bigint AS balance FROM generate_series(1, "+strconv.Itoa(tellers)+") i",
			"ALTER TABLE {s}.tellers ADD PRIMARY KEY (id)",
			"CREATE TABLE {s}.branches AS SELECT i AS id, 0::bigint AS balance FROM generate_series(1, "+strconv.Itoa(branches)+") i",
			"ALTER TABLE {s}.branches ADD PRIMARY KEY (id)",
			"CREATE TABLE {s}.history (account int NOT NULL, teller int NOT NULL, branch int NOT NULL, delta int NOT NULL, at timestamptz NOT NULL)"),
		sends: []statement{
			{"BEGIN", nothing},
			{"UPDATE {s}.accounts SET balance = balance + $1 WHERE id = $2", moving(accounts, 1)},
			{"SELECT balance FROM {s}.accounts WHERE id = $1", account},
			{"UPDATE {s}.tellers SET balance = balance + $1 WHERE id = $2", moving(tellers, 2)},
			{"UPDATE {s}.branches SET balance = balance + $1 WHERE id = $2", moving(branches, 3)},
			{"INSERT INTO {s}.history (account, teller, branch, delta, at) VALUES ($1, $2, $3, $4, now())", history},
			{"COMMIT", nothing},
		},
		answer: -1, // balances move
	}),
}

// accountTable holds as the balance of an account what balanceOf says.
var accountTable = []string{
	"CREATE TABLE {s}.accounts AS SELECT i AS id, (i::bigint * 7919) % 1000003 AS balance, repeat('x', 84) AS filler FROM generate_series(1, " + strconv.Itoa(accounts) + ") i",
	"ALTER TABLE {s}.accounts ADD PRIMARY KEY (id)",
	"ANALYZE {s}.accounts",
}

func balanceOf(id uint64) uint64 { return id * 7919 % 1000003 }

// opBytes is more than a request moves both ways, even when it has to connect again.
const opBytes = 32 << 10

func loadOf(operation string, title lang.Text, section string, s statements) probe.Load {
	return probe.Load{
		Operation: operation, Title: title, Rule: "PostgreSQL documentation, " + section, OpBytes: opBytes,
		Prepare: func(t *probe.T) load.Workload { return prepare(t, s) },
	}
}

// prepare makes the tables in a schema that lives as long as the load.
func prepare(t *probe.T, s statements) load.Workload {
	w := &work{t: t}
	defer w.close()
	c := w.login()
	w.makeSchema(c)
	for _, sql := range s.setUp {
		c.exec(sql)
	}
	config, err := configure(t.Context(), t.Session(), mainAccount)
	if err != nil {
		t.Bug(err)
	}
	traffic := &traffic{session: t.Session(), config: config, answer: s.answer}
	for _, sent := range s.sends {
		traffic.sends = append(traffic.sends, statement{w.text(sent.sql), sent.values})
	}
	return traffic
}

// The values of the parameters, from the random number of a request. They are appended
// to buffers that are used again.
func nothing(_ uint64, into [][]byte) [][]byte { return into }

func accountOf(random uint64) uint64 { return random>>8%accounts + 1 }

func account(random uint64, into [][]byte) [][]byte { return decimal(into, accountOf(random)) }

// delta is how much a transfer moves: from 0 to 9,999.
func delta(random uint64) uint64 { return random >> 40 % 10_000 }

// one of n rows; salt keeps the choices apart.
func one(random uint64, n, salt uint64) uint64 {
	if salt == 1 {
		return accountOf(random)
	}
	return random>>(8*salt)%n + 1
}

func moving(n, salt uint64) func(uint64, [][]byte) [][]byte {
	return func(random uint64, into [][]byte) [][]byte {
		return decimal(decimal(into, delta(random)), one(random, n, salt))
	}
}

func history(random uint64, into [][]byte) [][]byte {
	into = decimal(decimal(into, accountOf(random)), one(random, tellers, 2))
	return decimal(decimal(into, one(random, branches, 3)), delta(random))
}

func anything(random uint64, into [][]byte) [][]byte { return decimal(into, random) }

// decimal appends a value in the text format, into the buffer that was there before.
func decimal(into [][]byte, n uint64) [][]byte {
	i := len(into)
	if i < cap(into) {
		into = into[:i+1]
		into[i] = strconv.AppendUint(into[i][:0], n, 10)
		return into
	}
	return append(into, strconv.AppendUint(nil, n, 10))
}
