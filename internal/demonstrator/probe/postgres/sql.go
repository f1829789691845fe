package postgres

import (
	"encoding/json"
	"fmt"

	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/lang"
)

var sqlChecks = []probe.Check{
	{
		ID: "postgres/sql/upsert", Rule: "PostgreSQL 15 documentation, INSERT, ON CONFLICT clause",
		Title: lang.T("Insérer ou mettre à jour se fait en une instruction", "Inserting or updating takes one statement"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.stock (item text PRIMARY KEY, n int); INSERT INTO {s}.stock VALUES ('a', 1)")
			c.want("INSERT INTO {s}.stock VALUES ('a', 5), ('b', 7) ON CONFLICT (item) DO UPDATE SET n = stock.n + excluded.n RETURNING item, n", "a|6", "b|7")
			c.wantTag("INSERT INTO {s}.stock VALUES ('a', 9) ON CONFLICT DO NOTHING", "INSERT 0 0")
			c.want("SELECT item, n FROM {s}.stock ORDER BY item", "a|6", "b|7")
		}),
	},
	{
		ID: "postgres/sql/returning", Rule: "PostgreSQL 15 documentation, 6.4 Returning data from modified rows, and 7.8.4 Data-modifying statements in WITH",
		Title: lang.T("Une modification rend les lignes modifiées", "A change returns the rows that it changed"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.a (id int, v text); CREATE TABLE {s}.b (LIKE {s}.a); INSERT INTO {s}.a VALUES (1, 'x'), (2, 'y')")
			c.want("WITH moved AS (DELETE FROM {s}.a WHERE id = 2 RETURNING *) INSERT INTO {s}.b SELECT * FROM moved RETURNING id, v", "2|y")
			c.want("UPDATE {s}.a SET v = upper(v) RETURNING v", "X")
			c.want("SELECT (SELECT count(*) FROM {s}.a), (SELECT count(*) FROM {s}.b)", "1|1")
		}),
	},
	{
		ID: "postgres/sql/recursive", Rule: "PostgreSQL 15 documentation, 7.8.2 Recursive queries",
		Title: lang.T("Une hiérarchie se parcourt par une requête récursive", "A hierarchy is walked by a recursive query"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.unit (id int, parent int, name text); INSERT INTO {s}.unit VALUES (1, NULL, 'État'), (2, 1, 'Région'), (3, 2, 'Ville'), (4, 1, 'Agence')")
			c.want("WITH RECURSIVE t AS (SELECT id, name AS path FROM {s}.unit WHERE parent IS NULL UNION ALL SELECT u.id, t.path || '/' || u.name FROM {s}.unit u JOIN t ON u.parent = t.id) SELECT path FROM t ORDER BY id",
				"État", "État/Région", "État/Région/Ville", "État/Agence")
		}),
	},
	{
		ID: "postgres/sql/window", Rule: "PostgreSQL 15 documentation, 4.2.8 Window function calls",
		Title: lang.T("Les fonctions de fenêtre calculent rangs et cumuls", "Window functions compute ranks and running totals"),
		Run: on(func(c *conn) {
			c.want("SELECT d, v, sum(v) OVER (ORDER BY d ROWS BETWEEN 1 PRECEDING AND CURRENT ROW), rank() OVER (ORDER BY v DESC), lag(v, 1, 0) OVER (ORDER BY d) FROM (VALUES (1, 5), (2, 9), (3, 5)) AS x(d, v) ORDER BY d",
				"1|5|5|2|0", "2|9|14|1|5", "3|5|14|2|9")
		}),
	},
	{
		ID: "postgres/sql/grouping-sets", Rule: "PostgreSQL 15 documentation, 7.2.4 GROUPING SETS, CUBE, and ROLLUP, and 4.2.7 Aggregate expressions, FILTER",
		Title: lang.T("Sous-totaux et totaux viennent d'une seule requête", "Subtotals and totals come from one query"),
		Run: on(func(c *conn) {
			c.want("SELECT coalesce(r, 'tout'), sum(n), count(*) FILTER (WHERE n > 1) FROM (VALUES ('a', 1), ('a', 2), ('b', 3)) AS x(r, n) GROUP BY ROLLUP (r) ORDER BY 1",
				"a|3|1", "b|3|1", "tout|6|2")
			c.want("SELECT percentile_cont(0.5) WITHIN GROUP (ORDER BY n) FROM generate_series(1, 4) AS n", "2.5")
		}),
	},
	{
		ID: "postgres/sql/lateral", Rule: "PostgreSQL 15 documentation, 7.2.1.5 LATERAL subqueries",
		Title: lang.T("Une sous-requête latérale donne les premiers de chaque groupe", "A lateral subquery gives the first of each group"),
		Run: on(func(c *conn) {
			c.want("SELECT g, n FROM (VALUES ('a'), ('b')) AS x(g) CROSS JOIN LATERAL (SELECT n FROM (VALUES ('a', 3), ('a', 8), ('b', 5)) AS y(k, n) WHERE k = g ORDER BY n DESC LIMIT 1) AS top ORDER BY g",
				"a|8", "b|5")
		}),
	},
	{
		ID: "postgres/sql/plpgsql", Rule: "PostgreSQL 15 documentation, 43 PL/pgSQL, and 43.6.8 Trapping errors",
		Title: lang.T("Une fonction PL/pgSQL s'exécute et rattrape ses erreurs", "A PL/pgSQL function runs and traps its errors"),
		Run: in(func(c *conn) {
			c.exec("CREATE FUNCTION {s}.safe(a int, b int) RETURNS text LANGUAGE plpgsql AS $f$ BEGIN RETURN a / b; EXCEPTION WHEN division_by_zero THEN RETURN SQLSTATE; END $f$")
			c.want("SELECT {s}.safe(7, 2), {s}.safe(1, 0)", "3|22012")
		}),
	},
	{
		ID: "postgres/sql/trigger", Rule: "PostgreSQL 15 documentation, 39 Triggers",
		Title: lang.T("Un déclencheur tient le journal des modifications", "A trigger keeps the journal of changes"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.doc (id int, v text); CREATE TABLE {s}.journal (n serial, op text, was text, now text)")
			c.exec("CREATE FUNCTION {s}.note() RETURNS trigger LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO {s}.journal (op, was, now) VALUES (TG_OP, OLD.v, NEW.v); RETURN NEW; END $f$")
			c.exec("CREATE TRIGGER note AFTER INSERT OR UPDATE ON {s}.doc FOR EACH ROW EXECUTE FUNCTION {s}.note()")
			c.exec("INSERT INTO {s}.doc VALUES (1, 'a'), (2, 'b'); UPDATE {s}.doc SET v = 'c' WHERE id = 2")
			c.want("SELECT op, was, now FROM {s}.journal ORDER BY n", "INSERT|NULL|a", "INSERT|NULL|b", "UPDATE|b|c")
		}),
	},
	{
		ID: "postgres/sql/procedure", Rule: "PostgreSQL 15 documentation, CALL, and 43.8 Transaction management",
		Title: lang.T("Une procédure valide son travail par étapes", "A procedure commits its work in steps"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.done (n int)")
			c.exec("CREATE PROCEDURE {s}.steps() LANGUAGE plpgsql AS $f$ BEGIN FOR i IN 1..3 LOOP INSERT INTO {s}.done VALUES (i); IF i < 3 THEN COMMIT; ELSE ROLLBACK; END IF; END LOOP; END $f$")
			c.exec("CALL {s}.steps()")
			c.want("SELECT n FROM {s}.done ORDER BY n", "1", "2")
		}),
	},
	{
		ID: "postgres/sql/materialized-view", Rule: "PostgreSQL 15 documentation, REFRESH MATERIALIZED VIEW",
		Title: lang.T("Une vue matérialisée se rafraîchit sans bloquer ses lecteurs", "A materialized view is refreshed without blocking its readers"),
		Run: in(func(c *conn) {
			c.exec("CREATE TABLE {s}.t (n int); INSERT INTO {s}.t VALUES (1); CREATE MATERIALIZED VIEW {s}.m AS SELECT n, n * 2 AS d FROM {s}.t; CREATE UNIQUE INDEX ON {s}.m (n)")
			c.exec("INSERT INTO {s}.t VALUES (4)")
			c.want("SELECT d FROM {s}.m ORDER BY d", "2")
			c.exec("REFRESH MATERIALIZED VIEW CONCURRENTLY {s}.m")
			c.want("SELECT d FROM {s}.m ORDER BY d", "2", "8")
		}),
	},
	{
		ID: "postgres/sql/explain", Rule: "PostgreSQL 15 documentation, EXPLAIN",
		Title: lang.T("Le plan d'une requête se lit, avec ses mesures", "The plan of a query can be read, with its measures"),
		Run:   in(wantPlan),
	},
}

// wantPlan reads the plan of a query over an indexed table, as a program does.
func wantPlan(c *conn) {
	c.exec("CREATE TABLE {s}.big AS SELECT n, n % 10 AS k FROM generate_series(1, 5000) AS n; CREATE INDEX ON {s}.big (n); ANALYZE {s}.big")
	const sql = "EXPLAIN (ANALYZE, BUFFERS, FORMAT JSON) SELECT k FROM {s}.big WHERE n = 4242"
	var plans []struct {
		Plan struct {
			Type  string  `json:"Node Type"`
			Rows  float64 `json:"Actual Rows"`
			Index string  `json:"Index Name"`
			Hits  *int    `json:"Shared Hit Blocks"`
		}
	}
	got := c.value(sql)
	err := json.Unmarshal([]byte(got), &plans)
	ok := err == nil && len(plans) == 1 && plans[0].Plan.Rows == 1 && plans[0].Plan.Index != "" && plans[0].Plan.Hits != nil
	c.w.t.Want(ok, did(sql), clip(fmt.Sprint(err, " ", got), 300), "a plan in JSON that uses the index, with one actual row and its buffers")
}
