package aloi

import (
	"go/ast"
	"go/parser"
	"go/token"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"
)

const module = "aloi.dev"

// rooms is the architecture: every package, and the packages of ours that it may
// import. To add a room, add its row with its reason. Tests are held to the same
// rows, except that they may also use the packages of testRooms.
var rooms = map[string][]string{
	"":          {},                                                                   // the architecture's own test
	"catalogue": {},                                                                   // data and its embedding: no logic
	"cmd/aloi":  {"catalogue", "internal/edge/cli", "internal/demonstrator/evidence"}, // the process's world: streams, clock, disk

	"internal/fault":  {},
	"internal/lang":   {},
	"internal/strict": {"internal/fault", "internal/lang"}, // one loader for every data file
	"internal/proof":  {},                                  // knows no domain

	"internal/demonstrator/measure":   {"internal/lang"},
	"internal/demonstrator/catalogue": {"internal/demonstrator/measure", "internal/strict", "internal/proof", "internal/lang", "internal/fault"},
	"internal/demonstrator/score":     {"internal/demonstrator/catalogue", "internal/demonstrator/measure", "internal/lang", "internal/fault"},
	"internal/demonstrator/probe": { // load, load/wire: what a workload is, and the client that most are made with
		"internal/demonstrator/load", "internal/demonstrator/load/wire",
		"internal/demonstrator/catalogue", "internal/demonstrator/measure", "internal/lang", "internal/fault",
	},
	"internal/demonstrator/probe/oidc":      {"internal/demonstrator/probe", "internal/lang"},
	"internal/demonstrator/probe/s3":        {"internal/demonstrator/probe", "internal/demonstrator/load", "internal/demonstrator/load/wire", "internal/demonstrator/measure", "internal/lang"},
	"internal/demonstrator/probe/inference": {"internal/demonstrator/probe", "internal/demonstrator/load", "internal/demonstrator/load/wire", "internal/demonstrator/measure", "internal/lang"},
	"internal/demonstrator/load":            {"internal/demonstrator/measure", "internal/lang", "internal/fault"},                                                                                   // open-loop engine, pacing, calibration; knows the Workload interface, no client
	"internal/demonstrator/load/wire":       {"internal/demonstrator/load"},                                                                                                                         // a lean HTTP client for workloads, and the null server
	"internal/demonstrator/probe/tls":       {"internal/demonstrator/probe", "internal/demonstrator/load", "internal/demonstrator/load/wire", "internal/strict", "internal/lang", "internal/fault"}, // its profiles are data, loaded strictly
	"internal/demonstrator/probe/foreign": { // suites that aren't ours: it shares nothing with our engine but the currency
		"internal/demonstrator/catalogue", "internal/demonstrator/measure", "internal/strict", "internal/proof", "internal/lang", "internal/fault",
	},
	"internal/demonstrator/probe/postgres":  {"internal/demonstrator/probe", "internal/demonstrator/load", "internal/demonstrator/measure", "internal/strict", "internal/lang"}, // strict: the list of versions
	"internal/demonstrator/probe/probetest": {"internal/demonstrator/catalogue"},                                                                                                // starts the reference cloud for tests
	"internal/demonstrator/probe/probetest/loadtest": { // puts a suite's operations under load at the reference cloud
		"internal/demonstrator/probe/probetest", "internal/demonstrator/probe", "internal/demonstrator/load", "internal/demonstrator/measure",
	},
	"internal/demonstrator/probe/oci": {"internal/demonstrator/probe", "internal/lang"},
	"internal/demonstrator/probe/probetest/faulttest": { // holds a suite against the faults of its reference server
		"catalogue", "internal/demonstrator/probe/probetest", "internal/demonstrator/probe/probetest/faulttest", "internal/demonstrator/probe", "internal/demonstrator/campaign",
		"internal/demonstrator/catalogue", "internal/demonstrator/measure", "internal/demonstrator/score",
	},
	"internal/demonstrator/evidence": {
		"internal/demonstrator/probe/foreign", // to have the results of foreign suites again from their own bytes
		"internal/demonstrator/score", "internal/demonstrator/catalogue", "internal/demonstrator/measure", "internal/proof", "internal/lang", "internal/fault",
	},
	"internal/demonstrator/campaign": {
		"internal/demonstrator/probe", "internal/demonstrator/load", "internal/demonstrator/load/wire",
		"internal/demonstrator/probe/inference",
		"internal/demonstrator/probe/s3", // the list of suites: a line each
		"internal/demonstrator/probe/oidc",
		"internal/demonstrator/probe/postgres",
		"internal/demonstrator/probe/tls",
		"internal/demonstrator/probe/foreign",
		"internal/demonstrator/probe/oci",
		"internal/demonstrator/evidence", "internal/demonstrator/catalogue", "internal/demonstrator/measure",
		"internal/proof", "internal/lang", "internal/fault",
	},
	"internal/demonstrator/report": {
		"internal/demonstrator/evidence", "internal/demonstrator/score", "internal/demonstrator/catalogue",
		"internal/demonstrator/measure", "internal/lang",
	},

	"internal/edge/cli": {
		"internal/demonstrator/campaign", "internal/demonstrator/catalogue", "internal/demonstrator/evidence",
		"internal/demonstrator/measure", "internal/demonstrator/probe", "internal/demonstrator/probe/foreign", "internal/demonstrator/report",
		"internal/demonstrator/score", "internal/proof", "internal/strict", "internal/lang", "internal/fault",
	},
}

// testRooms are the packages that any test may use.
var testRooms = []string{
	"catalogue", "internal/demonstrator/probe/probetest", "internal/demonstrator/probe/probetest/faulttest", "internal/demonstrator/probe/probetest/loadtest",
	"internal/demonstrator/campaign", "internal/demonstrator/evidence",
	"internal/demonstrator/probe", "internal/demonstrator/score", "internal/demonstrator/measure", "internal/lang", "internal/fault",
	"internal/demonstrator/catalogue", "internal/proof", "internal/demonstrator/load", "internal/demonstrator/load/wire",
}

// groups are folders that hold rooms and no Go of their own.
var groups = []string{"internal", "internal/demonstrator", "internal/edge", "cmd"}

// pure packages decide: neither they nor any package of ours that they reach
// imports the world or reads the clock. Third parties are an allow-list.
var (
	pure       = []string{"internal/demonstrator/measure", "internal/demonstrator/score"}
	world      = []string{"net", "net/http", "os", "os/exec", "os/signal", "database/sql", "log", "log/slog", "syscall", "crypto/rand", "math/rand", "math/rand/v2"}
	pureAllows = []string{"github.com/goccy/go-yaml", "golang.org/x/mod/sumdb", "github.com/secure-systems-lab/go-securesystemslib/dsse"}
)

const (
	mostLines = 700 // of a source file
)

// source is what the test needs of one Go file.
type source struct {
	path     string
	room     string
	test     bool
	imports  []string
	readsNow bool
	lines    int
}

func TestArchitecture(t *testing.T) {
	files := sources(t)
	for _, f := range files {
		allowed, known := rooms[f.room]
		if !known {
			t.Errorf("%s: the package %q has no row in the table of rooms", f.path, f.room)
			continue
		}
		if slices.Contains(groups, f.room) {
			t.Errorf("%s: %s is a group of rooms and holds no Go", f.path, f.room)
		}
		if f.lines > mostLines {
			t.Errorf("%s: %d lines; %d at most", f.path, f.lines, mostLines)
		}
		for _, imported := range f.imports {
			room, ours := strings.CutPrefix(imported, module+"/")
			if !ours || room == f.room || slices.Contains(allowed, room) || f.test && slices.Contains(testRooms, room) {
				continue
			}
			t.Errorf("%s: %s may not import %s", f.path, f.room, room)
		}
	}
	for room := range rooms {
		if !slices.ContainsFunc(files, func(f source) bool { return f.room == room }) {
			t.Errorf("the room %q is in the table and has no Go file", room)
		}
	}
}

func TestPure(t *testing.T) {
	files := sources(t)
	for _, room := range pure {
		for _, reached := range reach(files, room) {
			for _, f := range files {
				if f.room == reached && !f.test {
					checkPure(t, room, f)
				}
			}
		}
	}
}

func checkPure(t *testing.T, room string, f source) {
	t.Helper()
	if f.readsNow {
		t.Errorf("%s: reads the clock, and the pure package %s reaches it", f.path, room)
	}
	for _, imported := range f.imports {
		if slices.Contains(world, imported) {
			t.Errorf("%s: imports %s, and the pure package %s reaches it", f.path, imported, room)
		}
		third := strings.Contains(strings.Split(imported, "/")[0], ".") && !strings.HasPrefix(imported, module+"/")
		if third && !slices.ContainsFunc(pureAllows, func(p string) bool { return imported == p || strings.HasPrefix(imported, p+"/") }) {
			t.Errorf("%s: imports %s, which the pure package %s may not reach", f.path, imported, room)
		}
	}
}

// reach returns the rooms that a room imports, itself included.
func reach(files []source, room string) []string {
	reached := []string{room}
	for i := 0; i < len(reached); i++ {
		for _, f := range files {
			if f.room != reached[i] || f.test {
				continue
			}
			for _, imported := range f.imports {
				if r, ours := strings.CutPrefix(imported, module+"/"); ours && !slices.Contains(reached, r) {
					reached = append(reached, r)
				}
			}
		}
	}
	return reached
}

// TestReferenceCloudStandsAlone keeps the nested module free of this one: what
// measures and what is measured share no code.
func TestReferenceCloudStandsAlone(t *testing.T) {
	for _, f := range walk(t, "refcloud") {
		for _, imported := range f.imports {
			if strings.HasPrefix(imported, module+"/") && !strings.HasPrefix(imported, module+"/refcloud") {
				t.Errorf("%s: the reference cloud may not import %s", f.path, imported)
			}
		}
	}
}

func sources(t *testing.T) []source {
	t.Helper()
	return slices.DeleteFunc(walk(t, "."), func(f source) bool { return strings.HasPrefix(f.path, "refcloud/") })
}

// walk parses every Go file below a folder. It opens the files itself, so that
// the test runs again when one changes.
func walk(t *testing.T, root string) []source {
	t.Helper()
	var files []source
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		name := d.Name()
		if d.IsDir() && path != root && (strings.HasPrefix(name, ".") || name == "testdata" || name == "node_modules" || name == "bin" || name == "demo" || name == "runs") {
			return filepath.SkipDir
		}
		if d.IsDir() || !strings.HasSuffix(name, ".go") {
			return nil
		}
		f, err := parse(path)
		if err == nil {
			files = append(files, f)
		}
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	if len(files) == 0 {
		t.Fatalf("no Go file below %s", root)
	}
	return files
}

func parse(path string) (source, error) {
	data, err := os.ReadFile(path)
	if err != nil {
		return source{}, err
	}
	file, err := parser.ParseFile(token.NewFileSet(), path, data, parser.SkipObjectResolution)
	if err != nil {
		return source{}, err
	}
	room := filepath.ToSlash(filepath.Dir(path))
	if room == "." {
		room = ""
	}
	f := source{path: filepath.ToSlash(path), room: room, test: strings.HasSuffix(path, "_test.go"), lines: strings.Count(string(data), "\n")}
	for _, i := range file.Imports {
		imported, err := strconv.Unquote(i.Path.Value)
		if err != nil {
			return f, err
		}
		f.imports = append(f.imports, imported)
	}
	ast.Inspect(file, func(n ast.Node) bool {
		if s, ok := n.(*ast.SelectorExpr); ok {
			if x, ok := s.X.(*ast.Ident); ok && x.Name == "time" && (s.Sel.Name == "Now" || s.Sel.Name == "Since" || s.Sel.Name == "Until") {
				f.readsNow = true
			}
		}
		return true
	})
	return f, nil
}
