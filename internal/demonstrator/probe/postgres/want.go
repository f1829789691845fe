package postgres

import (
	"cmp"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/jackc/pgx/v5/pgconn"

	"aloi.dev/internal/demonstrator/probe"
)

// did names a statement in a sentence: its first words, on one line, without the
// schema of the check.
func did(sql string) string {
	plain := strings.NewReplacer("{s}.", "", "{x}.", "").Replace(sql)
	return clip(strings.Join(strings.Fields(plain), " "), 140)
}

// clip cuts a long text.
func clip(text string, most int) string {
	if r := []rune(text); len(r) > most {
		return string(r[:most]) + "…"
	}
	return text
}

// said is an error of the server in a sentence: "42501 permission denied".
func said(e *pgconn.PgError) string { return e.Code + " " + clip(e.Message, 200) }

func wantCode(t *probe.T, did string, e *pgconn.PgError, codes []string) {
	t.Want(slices.Contains(codes, e.Code), did, said(e), "the error "+strings.Join(codes, " or "))
}

func wantRows(t *probe.T, did string, got answer, rows []string) {
	t.Want(slices.Equal(got.lines, rows), did, shown(got.lines), shown(rows))
}

func shown(rows []string) string {
	if len(rows) == 0 {
		return "no row"
	}
	return clip(strings.Join(rows, "; "), 300)
}

// step ends the check when a call of the client library fails: by the server's
// refusal, or because the exchange broke.
func (w *work) step(did string, err error) {
	var refusal *pgconn.PgError
	if errors.As(err, &refusal) {
		w.t.Note("CLIENT", did, said(refusal))
		w.t.Fail(did, said(refusal), "its success")
	}
	got := "done"
	if err != nil {
		got = probe.Plain(err)
	}
	w.t.Note("CLIENT", did, got)
	w.t.Do(did, err)
}

// same ends the check unless two values are equal.
func same[V comparable](w *work, did string, got, want V) {
	w.t.Want(got == want, did, cmp.Or(clip(fmt.Sprint(got), 200), "nothing"), cmp.Or(clip(fmt.Sprint(want), 200), "nothing"))
}
