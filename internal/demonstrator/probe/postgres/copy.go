package postgres

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"fmt"
	"strings"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var copyChecks = []probe.Check{
	{
		ID: "postgres/copy/text", Rule: "PostgreSQL 15 documentation, COPY, text format; 55.2.6 COPY operations",
		Title: lang.T("Un lot de 20 000 lignes entre et ressort identique", "A batch of 20,000 rows goes in and comes out identical"),
		Run:   in(wantCopyText),
	},
	{
		ID: "postgres/copy/csv", Rule: "PostgreSQL 15 documentation, COPY, CSV format",
		Title: lang.T("Un fichier CSV s'importe et s'exporte, guillemets et sauts de ligne compris", "A CSV file is imported and exported, quotes and line breaks included"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (id int, v text)")
			const csv = "id;v\n1;\"a \"\"b\"\"; c\"\n2;\"deux\nlignes\"\n3;\n"
			c.copyIn("COPY {s}.t FROM STDIN WITH (FORMAT csv, HEADER, DELIMITER ';')", csv, 3)
			c.want("SELECT id, v FROM {s}.t ORDER BY id", `1|a "b"; c`, "2|deux\nlignes", "3|NULL")
			same(c.w, "COPY TO STDOUT as CSV", c.copyOut("COPY (SELECT * FROM {s}.t ORDER BY id) TO STDOUT WITH (FORMAT csv, HEADER, DELIMITER ';')"), csv)
		}),
	},
	{
		ID: "postgres/copy/binary", Rule: "PostgreSQL 15 documentation, COPY, binary format",
		Title: lang.T("Un lot binaire entre et ressort identique", "A binary batch goes in and comes out identical"),
		Run:   in(wantCopyBinary),
	},
	{
		ID: "postgres/copy/refused-line", Rule: "PostgreSQL 15 documentation, 55.2.6 COPY operations; appendix A, 22P04, 22P02",
		Title: lang.T("Une ligne fautive fait refuser tout le lot", "A wrong line has the whole batch refused"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int)")
			sql := c.w.text("COPY {s}.t FROM STDIN")
			_, err := c.pg.CopyFrom(c.w.t.Context(), strings.NewReader("1\n2\ntrois\n4\n"), sql)
			_, refusal := c.heard("COPY", sql, answer{tag: "no error"}, err)
			c.w.t.Want(refusal != nil, "COPY of a line that isn't a number", "no error", "the error 22P02")
			wantCode(c.w.t, "COPY of a line that isn't a number", refusal, []string{"22P02"})
			c.want("SELECT count(*) FROM {s}.t", "0")
		}),
	},
}

// copyIn sends a batch and wants the server to count its lines.
func (c *conn) copyIn(sql, batch string, rows int) {
	sql = c.w.text(sql)
	tag, err := c.pg.CopyFrom(c.w.t.Context(), strings.NewReader(batch), sql)
	c.w.step(did(sql), err)
	same(c.w, did(sql), tag.String(), fmt.Sprintf("COPY %d", rows))
}

func (c *conn) copyOut(sql string) string {
	sql = c.w.text(sql)
	var out bytes.Buffer
	_, err := c.pg.CopyTo(c.w.t.Context(), &bounded{into: &out}, sql)
	c.w.step(did(sql), err)
	return out.String()
}

// bounded refuses more than any check reads.
type bounded struct{ into *bytes.Buffer }

func (b *bounded) Write(p []byte) (int, error) {
	if b.into.Len()+len(p) > mostBytes {
		return 0, errTooMuch
	}
	return b.into.Write(p)
}

func wantCopyText(c *conn) {
	var batch strings.Builder
	const rows = 20_000
	for i := range rows {
		fmt.Fprintf(&batch, "%d\tligne %d : été\\t%x\t\\N\n", i, i, sha256.Sum224([]byte{byte(i), byte(i >> 8)}))
	}
	c.exec("CREATE TABLE {s}.t (n int, v text, absent text)")
	c.copyIn("COPY {s}.t FROM STDIN", batch.String(), rows)
	c.want("SELECT count(*), count(DISTINCT n), count(absent) FROM {s}.t", "20000|20000|0")
	got := c.copyOut("COPY (SELECT * FROM {s}.t ORDER BY n) TO STDOUT")
	c.w.t.Want(got == batch.String(), "COPY TO STDOUT", fmt.Sprintf("%d bytes that differ", len(got)), fmt.Sprintf("the %d bytes that went in", batch.Len()))
}

// wantCopyBinary writes the format itself: the client library's own writer trusts
// what the server says of the columns.
func wantCopyBinary(c *conn) {
	const rows = 2000
	c.exec("CREATE TABLE {s}.t (n bigint, v text, b bytea)")
	batch := []byte("PGCOPY\n\xff\r\n\x00\x00\x00\x00\x00\x00\x00\x00\x00")
	field := func(v []byte) {
		batch = append(binary.BigEndian.AppendUint32(batch, uint32(len(v))), v...)
	}
	for i := range rows {
		batch = append(batch, 0, 3)
		field(binary.BigEndian.AppendUint64(nil, uint64(i)<<32))
		field([]byte(strings.Repeat("é", i%50)))
		field([]byte{byte(i), 0, 255})
	}
	batch = append(batch, 0xff, 0xff)
	c.copyIn("COPY {s}.t FROM STDIN WITH (FORMAT binary)", string(batch), rows)
	c.want("SELECT count(*), sum(length(v)), sum(get_byte(b, 0)), max(n) >> 32 FROM {s}.t", "2000|49000|250008|1999")
	out := c.copyOut("COPY (SELECT * FROM {s}.t ORDER BY n) TO STDOUT WITH (FORMAT binary)")
	c.w.t.Want(out == string(batch), "COPY TO STDOUT in binary", fmt.Sprintf("%d bytes that differ", len(out)), fmt.Sprintf("the %d bytes that went in", len(batch)))
}
