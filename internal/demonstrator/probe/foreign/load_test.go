package foreign

import (
	"os"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
)

var own = catalogue.Vocabulary{{ID: "s3", Checks: []string{"s3/a/b"}, Settings: []string{"region"}, Credentials: map[string][]string{"main": {"access-key", "secret-key"}}}}

func mapping(t *testing.T, name string) *Mapping {
	t.Helper()
	m, err := Load(os.DirFS("testdata"), name, own)
	if err != nil {
		t.Fatal(err)
	}
	return m
}

func TestLoad(t *testing.T) {
	t.Parallel()
	m := mapping(t, "good.yaml")
	var ids []string
	for _, c := range m.Known() {
		ids = append(ids, c.ID)
	}
	if want := []string{"demo/object/upload", "demo/object/list", "demo/run/whole"}; !slices.Equal(ids, want) {
		t.Errorf("%v, want %v", ids, want)
	}
	words := Words(own, []*Mapping{m})
	service := words.Suite("demo-service")
	if service == nil || !slices.Equal(service.Credentials["main"], []string{"username"}) || !slices.Equal(service.Settings, []string{"region"}) || !slices.Contains(words.Checks(), "demo/object/list") {
		t.Errorf("%+v", service)
	}
	other := *m
	other.Suite, other.Set = "other", map[string]string{"P": "{credential main password}"}
	if both := Words(own, []*Mapping{m, &other}).Suite("demo-service"); len(both.Credentials["main"]) != 2 || len(both.Checks) != 6 {
		t.Errorf("%+v", both)
	}
	if got := (Values{Endpoint: "https://x/", Accounts: map[string]map[string]string{"main": {"username": "u"}}}).in("{{a} {endpoint} {credential main username}{setting region}", "", ""); got != "{a} https://x u" {
		t.Errorf("%q", got)
	}
}

// TestLoad_Refuses changes one thing of a good mapping at a time.
func TestLoad_Refuses(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ from, to, says string }{
		{"suite: demo", "suite: s3", `m.yaml:1:8: "s3" is a suite of Aloi's own`},
		{"suite: demo", "suite: De Mo", `"De Mo" is not an id`},
		{", url: \"https://example.org/suite\"", "", "a public source gives its address"},
		{"format: junit", "format: junitt", `m.yaml:7:9: "junitt" is not a value of "format" (did you mean "junit"?)`},
		{"passed: pass", "passed: fail", `"fail" is not a value of "passed"`},
		{"skipped: unsupported", "skipped: pass", `"pass" is not a value of "skipped"`},
		{"failed: fail", "failed: pass", `"pass" is not a value of "failed"`},
		{"failed: fail", "failed: not-run", `"not-run" is not a value of "failed"`},
		{"command: [sh, -c, \"echo '<testsuite/>'\", \"{run}\"]\n", "", "limits only goes with command"},
		{`"{run}"]`, `"{credential main password}"]`, "a secret in a command can be seen"},
		{`"{endpoint}/x"`, `"{endpoit}"`, `m.yaml:12:12: {endpoit} isn't known`},
		{`"{endpoint}/x"`, `"{endpoint"`, "{endpoint} isn't known"},
		{"environment: [PATH]", "environment: [URL]", `"URL" is in set too`},
		{"environment: [PATH]", "environment: [A=B]", `"A=B" is no name of a variable`},
		{"exit: [0, 1]", "exit: [0, 256]", "an exit code goes from 0 to 255"},
		{"exit: [0, 1]", "output: ../out.xml", `"../out.xml" leaves the suite's working folder`},
		{"output: 1 MiB", "output: 1 GiB", "a result has at most 67108864 bytes"},
		{"expect: 4", "expect: -4", "between 1 and 200000 tests"},
		{"expect: 4", "totals: ignored", "nothing says how many tests there should be"},
		{"format: junit", "format: tap\ntotals: ignored", "totals is about the format junit only"},
		{"id: object/list", "id: objects", `"objects" is not the end of a check's id`},
		{"id: object/list", "id: run/whole", "is the check that every suite has already"},
		{"id: object/list", "id: object/list, namespace: x", "m.yaml:18:5: a rule has either id or namespace"},
		{`regexp: "list|browse"`, `regexp: "("`, "expression refused"},
		{`regexp: "list|browse"`, `regexp: "a", match: b`, "a rule has either match or regexp"},
		{"namespace: other}", "namespace: other, tests: 3}", "tests goes with id"},
		{"service: demo-service", "service: s3", `the service "s3" has no field "username" of an account "main"`},
		{"expect: 4", "expekt: 4", `unknown field "expekt" (did you mean "expect"?)`},
	} {
		text := strings.Replace(string(good), c.from, c.to, 1)
		if text == string(good) {
			t.Fatalf("%q is not in the mapping", c.from)
		}
		_, err := Load(fstest.MapFS{"m.yaml": {Data: []byte(text)}}, "m.yaml", own)
		if fault.KindOf(err) != fault.Invalid || !strings.Contains(err.Error(), c.says) {
			t.Errorf("%s -> %s: %v, want %q", c.from, c.to, err, c.says)
		}
	}
}

func TestLoadAll(t *testing.T) {
	t.Parallel()
	good, err := os.ReadFile("testdata/good.yaml")
	if err != nil {
		t.Fatal(err)
	}
	if list, err := LoadAll(fstest.MapFS{"needs/x": {}}, own); err != nil || list != nil {
		t.Errorf("%v, %v", list, err)
	}
	folder := fstest.MapFS{"suites/a.yaml": {Data: good}, "suites/b.yaml": {Data: good}, "suites/README": {}}
	if _, err := LoadAll(folder, own); err == nil || !strings.Contains(err.Error(), `suites/b.yaml:1:1: the suite "demo" is already defined: suites/a.yaml`) {
		t.Error(err)
	}
}
