package catalogue_test

import (
	"reflect"
	"regexp"
	"slices"
	"strings"
	"testing"

	data "aloi.dev/catalogue"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/lang"
)

// themes are what the catalogue has to speak of, and the needs that do.
var themes = map[string][]catalogue.NeedID{
	"object storage":                {"object-storage", "data-protection", "sharing", "integrity"},
	"databases":                     {"managed-database"},
	"Kubernetes":                    {"kubernetes"},
	"identity":                      {"identity"},
	"registry and software factory": {"container-registry", "software-factory"},
	"keys and secrets":              {"keys-and-secrets"},
	"logs and metrics":              {"logs-and-metrics"},
	"messaging":                     {"messaging"},
	"AI inference":                  {"ai-inference", "ai-transparency", "ai-footprint"},
	"reversibility":                 {"reversibility"},
	"location and law":              {"data-location", "extra-european-law"},
	"language and support":          {"french-support"},
	"environment":                   {"environment"},
	"security":                      {"security-qualification", "transport-security", "incident-response"},
}

func shipped(t *testing.T) *catalogue.Catalogue {
	t.Helper()
	c, err := catalogue.Load(data.FS, words(t))
	if err != nil {
		t.Fatal(err)
	}
	return c
}

func TestContent_Themes(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	if len(c.Needs) < 20 || len(c.Targets) < 60 {
		t.Errorf("%d needs and %d targets, at least 20 and 60 wanted", len(c.Needs), len(c.Targets))
	}
	for theme, needs := range themes {
		for _, id := range needs {
			if c.Need(id) == nil {
				t.Errorf("%s: no need %s", theme, id)
			}
			if len(c.TargetsOf(id)) == 0 {
				t.Errorf("%s: no target for %s", theme, id)
			}
		}
	}
}

// TestContent_Languages wants every text in French and in English.
func TestContent_Languages(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	n := 0
	check := func(id string, v any) {
		for _, text := range textsOf(reflect.ValueOf(v)) {
			n++
			if strings.TrimSpace(text.FR) == "" || strings.TrimSpace(text.EN) == "" {
				t.Errorf("%s: %q in French, %q in English", id, text.FR, text.EN)
			}
		}
	}
	for _, need := range c.Needs {
		check(string(need.ID), need)
	}
	for _, target := range c.Targets {
		check(string(target.ID), target)
	}
	if n < 3*(len(c.Needs)+len(c.Targets)) {
		t.Errorf("only %d texts were looked at", n)
	}
}

// TestContent_Measure holds that what must be met is measured by a machine, and
// that what nothing measures yet says so.
func TestContent_Measure(t *testing.T) {
	t.Parallel()
	for _, target := range shipped(t).Targets {
		effective := slices.ContainsFunc(target.States, func(p catalogue.Phase) bool { return p.State == catalogue.Effective })
		if effective && target.Role == catalogue.Gate && target.Functional == nil && target.Quantitative == nil {
			t.Errorf("%s: a gate in force that no machine measures", target.ID)
		}
		says := strings.HasSuffix(target.Why.FR, "cible en projet.") && strings.HasSuffix(target.Why.EN, "draft target.")
		if says == effective {
			t.Errorf("%s: in force %t, and its why says that it is a draft: %t", target.ID, effective, says)
		}
	}
}

// TestContent_Sources holds that nothing of our own passes for official.
func TestContent_Sources(t *testing.T) {
	t.Parallel()
	c := shipped(t)
	check := func(id string, s catalogue.Source, texts []lang.Text) {
		if s.Kind == catalogue.Public {
			if !strings.HasPrefix(s.URL, "https://") {
				t.Errorf("%s: a public source without an address", id)
			}
			return
		}
		if !strings.HasPrefix(s.Title.FR, "Proposition de ce catalogue") || !strings.HasPrefix(s.Title.EN, "Proposal of this catalogue") {
			t.Errorf("%s: a proposal must say that it is one: %q", id, s.Title.FR)
		}
		for _, text := range texts {
			for _, said := range []string{text.FR, text.EN} {
				if claim := official.FindString(said); claim != "" {
					t.Errorf("%s is a proposal and says %q", id, claim)
				}
			}
		}
	}
	for _, need := range c.Needs {
		check(string(need.ID), need.Source, textsOf(reflect.ValueOf(need)))
		if ours := need.ExpressedBy.EN == "The authors of this catalogue"; ours != (need.Source.Kind == catalogue.Proposal) {
			t.Errorf("%s: expressed by %s, source %s", need.ID, need.ExpressedBy.EN, need.Source.Kind)
		}
	}
	for _, target := range c.Targets {
		check(string(target.ID), target.Source, textsOf(reflect.ValueOf(target)))
	}
}

// official matches a text that puts itself under the authority of the State, of
// the law or of a regulation.
var official = regexp.MustCompile(`(?i)(` + strings.Join([]string{
	`(exig|impos|prescri|requi|demand|oblig|mandat)\pL*\s+par\s+(l['’ ]|le |la |les |un |une )?(État|loi|règlement|décret|arrêté|circulaire|doctrine|ministère|Premier ministre|ANSSI|DINUM|DGE|Bpifrance|CNIL|Commission)`,
	`(l['’]État|la loi|la circulaire|la doctrine|le décret|l['’]arrêté|le ministère|l['’]ANSSI|la DINUM|la CNIL|la Commission|le règlement [^.]{0,30}) (exige|impose|prescrit|requiert|oblige|demande)`,
	`(cible|exigence|besoin|texte|critère)s? officiel`,
	`(required|imposed|prescribed|mandated|demanded) by (the |a )?(State|law|regulation|decree|circular|doctrine|ministry|Prime Minister|ANSSI|DINUM|DGE|Bpifrance|CNIL|Commission|French)`,
	`(the State|the law|the circular|the doctrine|the decree|the ministry|ANSSI|DINUM|CNIL|the Commission|the regulation) (requires|imposes|prescribes|mandates|demands)`,
	`official (target|requirement|need|text|criterion|criteria)`,
}, "|") + `)`)

// TestOfficial shows that the check above can fail, and on what.
func TestOfficial(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"Exigé par l'ANSSI pour tout service.":               true,
		"Une durée imposée par la loi.":                      true,
		"La DINUM impose un format ouvert.":                  true,
		"C'est une cible officielle.":                        true,
		"Required by the State since 2021.":                  true,
		"The law requires an export.":                        true,
		"An official requirement.":                           true,
		"Les vérifications exigées par cette cible.":         false,
		"Proposition de ce catalogue, d'après l'article 53.": false,
		"What the contract requires.":                        false,
	} {
		if got := official.MatchString(text); got != want {
			t.Errorf("%q: %t", text, got)
		}
	}
}

// textsOf gathers the texts that a value holds, at any depth.
func textsOf(v reflect.Value) []lang.Text {
	if text, ok := v.Interface().(lang.Text); ok {
		return []lang.Text{text}
	}
	var texts []lang.Text
	switch v.Kind() {
	case reflect.Pointer:
		if !v.IsNil() {
			return textsOf(v.Elem())
		}
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Type().Field(i).IsExported() {
				texts = append(texts, textsOf(v.Field(i))...)
			}
		}
	case reflect.Slice:
		for i := range v.Len() {
			texts = append(texts, textsOf(v.Index(i))...)
		}
	}
	return texts
}
