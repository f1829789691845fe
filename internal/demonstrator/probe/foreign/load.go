package foreign

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/strict"
)

// Folder is where a catalogue keeps the mappings whose checks its targets use.
const Folder = "suites"

// Load reads a mapping and checks it against the words of our own suites. The
// error holds every problem of the file; see strict.Problems.
func Load(fsys fs.FS, name string, words catalogue.Vocabulary) (*Mapping, error) {
	l := loader{words: words}
	var err error
	if l.pos, err = strict.DecodeFile(fsys, name, &l.m, Formats); err != nil {
		if err := l.problems.Collect(err); err != nil {
			return nil, err
		}
	}
	l.identity()
	l.running()
	l.variables()
	l.rules()
	if err := l.problems.Err(); err != nil {
		return nil, err
	}
	return &l.m, nil
}

// LoadAll reads the mappings of a catalogue, suites/*.yaml, in the order of their
// names; none when the folder is absent.
func LoadAll(fsys fs.FS, words catalogue.Vocabulary) ([]*Mapping, error) {
	files, err := fs.ReadDir(fsys, Folder)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, fault.Wrap(fault.Unavailable, lang.T("le dossier « %s » ne se lit pas", "the folder %q can't be read", Folder), err)
	}
	var list []*Mapping
	var problems strict.Problems
	first := map[SuiteID]string{}
	for _, f := range files {
		name := path.Join(Folder, f.Name())
		if f.IsDir() || path.Ext(name) != ".yaml" {
			continue
		}
		m, err := Load(fsys, name, words)
		if err != nil {
			if err := problems.Collect(err); err != nil {
				return nil, err
			}
			continue
		}
		if before, twice := first[m.Suite]; twice {
			problems = append(problems, strict.Problem{File: name, Line: 1, Column: 1,
				Text: lang.T("la suite « %s » est déjà définie : %s", "the suite %q is already defined: %s", m.Suite, before)})
		}
		first[m.Suite] = name
		list = append(list, m)
	}
	return list, problems.Err()
}

// Words adds to our own vocabulary the checks that mappings make, and the services
// that only they know: an offer declares such a service with an endpoint, and with
// the accounts that their variables use.
func Words(own catalogue.Vocabulary, mappings []*Mapping) catalogue.Vocabulary {
	all := slices.Clone(own)
	for _, m := range mappings {
		words := catalogue.SuiteWords{ID: m.Service, Foreign: true, Credentials: map[string][]string{}}
		for _, c := range m.Known() {
			words.Checks = append(words.Checks, c.ID)
		}
		i := slices.IndexFunc(all, func(w catalogue.SuiteWords) bool { return w.ID == m.Service })
		if i < 0 || all[i].Foreign {
			m.accounts(&words)
		}
		if i >= 0 && all[i].Foreign { // a second suite of a service that only such suites know
			words = merged(all[i], words)
			all = slices.Delete(all, i, i+1)
		}
		all = append(all, words)
	}
	return all
}

// accounts adds the accounts that a mapping's variables use.
func (m *Mapping) accounts(words *catalogue.SuiteWords) {
	for _, name := range slices.Sorted(maps.Keys(m.Set)) {
		for _, p := range placeholders(m.Set[name]) {
			switch p.kind {
			case "credential":
				words.Credentials[p.account] = add(words.Credentials[p.account], p.name)
				words.Required = add(words.Required, p.account)
			case "setting":
				words.Settings = add(words.Settings, p.name)
			}
		}
	}
}

func merged(a, b catalogue.SuiteWords) catalogue.SuiteWords {
	for _, check := range b.Checks {
		a.Checks = add(a.Checks, check)
	}
	for _, setting := range b.Settings {
		a.Settings = add(a.Settings, setting)
	}
	for account, fields := range b.Credentials {
		for _, field := range fields {
			a.Credentials[account] = add(a.Credentials[account], field)
		}
		a.Required = add(a.Required, account)
	}
	return a
}

func add(list []string, s string) []string {
	if slices.Contains(list, s) {
		return list
	}
	return append(list, s)
}

type loader struct {
	m        Mapping
	pos      *strict.Positions
	words    catalogue.Vocabulary
	problems strict.Problems
}

func (l *loader) report(at string, text, hint lang.Text) {
	if !l.pos.Faulty(at) {
		l.problems = append(l.problems, l.pos.Problem(at, text, hint))
	}
}

var none lang.Text // no hint

// identity checks what the suite is.
func (l *loader) identity() {
	for _, w := range l.words {
		if w.ID == string(l.m.Suite) && !w.Foreign {
			l.report("suite", lang.T("« %s » est une suite d'Aloi", "%q is a suite of Aloi's own", l.m.Suite), lang.T("choisir un autre nom", "choose another name"))
		}
	}
	u, err := url.Parse(l.m.Source.URL)
	if l.m.Source.Kind == catalogue.Public && (err != nil || u.Host == "") {
		l.report("source.url", lang.T("une source publique indique son adresse", "a public source gives its address"), none)
	}
	if l.m.Totals == Ignored && l.m.Format != JUnit {
		l.report("totals", lang.T("« totals » ne concerne que le format junit", "totals is about the format junit only"), lang.T("retirer la ligne", "remove the line"))
	}
	if l.m.Totals == Ignored && l.m.Expect == 0 {
		l.report("totals", lang.T("sans les totaux du fichier, rien ne dit combien de tests il fallait", "without the file's totals, nothing says how many tests there should be"),
			lang.T("ajouter « expect »", "add expect"))
	}
	if l.m.Expect < 0 || l.m.Expect > maxCases {
		l.report("expect", lang.T("entre 1 et %d tests", "between 1 and %d tests", maxCases), none)
	}
}

// running checks how the suite is run.
func (l *loader) running() {
	if len(l.m.Command) == 0 {
		for field, present := range map[string]bool{
			"output": l.m.Output != "", "exit": l.m.Exit != nil, "limits": l.m.Limits != Limits{}, "environment": l.m.Environment != nil, "set": l.m.Set != nil,
		} {
			if present {
				l.report(field, lang.T("« %s » ne va qu'avec « command »", "%s only goes with command", field), lang.T("ajouter la commande, ou retirer la ligne", "add the command, or remove the line"))
			}
		}
	}
	if l.m.Output != "" && !filepath.IsLocal(l.m.Output) {
		l.report("output", lang.T("« %s » sort du dossier de travail de la suite", "%q leaves the suite's working folder", l.m.Output), lang.T("un chemin relatif, sans « .. »", "a relative path, no \"..\""))
	}
	for i, code := range l.m.Exit {
		if code < 0 || code > 255 {
			l.report(fmt.Sprintf("exit[%d]", i), lang.T("un code de sortie va de 0 à 255", "an exit code goes from 0 to 255"), none)
		}
	}
	if l.m.Limits.Output != nil && *l.m.Limits.Output > MaxBytes {
		l.report("limits.output", lang.T("un résultat a %d octets au plus", "a result has at most %d bytes", MaxBytes), none)
	}
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// variables checks the environment and what is put into it and into the command.
func (l *loader) variables() {
	example := lang.T("par exemple PATH", "for example PATH")
	for i, name := range l.m.Environment {
		at := fmt.Sprintf("environment[%d]", i)
		if !variable.MatchString(name) {
			l.report(at, lang.T("« %s » n'est pas un nom de variable", "%q is no name of a variable", name), example)
		}
		if _, both := l.m.Set[name]; both {
			l.report(at, lang.T("« %s » est aussi dans « set »", "%q is in set too", name), lang.T("garder l'un des deux", "keep one of the two"))
		}
	}
	for name, value := range l.m.Set {
		if !variable.MatchString(name) {
			l.report("set."+name, lang.T("« %s » n'est pas un nom de variable", "%q is no name of a variable", name), example)
		}
		l.placeholders("set."+name, value, true)
	}
	for i, word := range l.m.Command {
		l.placeholders(fmt.Sprintf("command[%d]", i), word, false)
	}
}

// placeholders checks the words in braces.
func (l *loader) placeholders(at, value string, secrets bool) {
	service := l.words.Suite(l.m.Service)
	for _, p := range placeholders(value) {
		switch {
		case p.kind == "":
			l.report(at, lang.T("« {%s} » n'est pas connu", "{%s} isn't known", p.text),
				lang.T("au choix : {%s} ; « {{ » pour une accolade", "one of: {%s}; \"{{\" for a brace", strings.Join(placeholderForms, "}, {")))
		case p.kind == "credential" && !secrets:
			l.report(at, lang.T("un secret dans une commande se voit dans la liste des processus", "a secret in a command can be seen in the list of processes"),
				lang.T("le passer par « set »", "pass it through set"))
		case p.kind == "credential" && service != nil && !service.Foreign && !slices.Contains(service.Credentials[p.account], p.name):
			l.report(at, lang.T("le service « %s » n'a pas le champ « %s » d'un compte « %s »", "the service %q has no field %q of an account %q", l.m.Service, p.name, p.account), none)
		case p.kind == "setting" && service != nil && !service.Foreign && !slices.Contains(service.Settings, p.name):
			l.report(at, lang.T("le service « %s » n'a pas le réglage « %s »", "the service %q has no setting %q", l.m.Service, p.name), strict.DidYouMean(p.name, service.Settings))
		}
	}
}

// rules checks each rule by itself.
func (l *loader) rules() {
	for i, r := range l.m.Checks {
		at := fmt.Sprintf("checks[%d]", i)
		if (r.Match == "") == (r.Regexp == "") {
			l.report(at, lang.T("une règle a soit « match », soit « regexp »", "a rule has either match or regexp"), none)
		}
		if (r.ID == "") == (r.Namespace == "") {
			l.report(at, lang.T("une règle a soit « id », soit « namespace »", "a rule has either id or namespace"), none)
		}
		if _, err := r.pattern(); err != nil {
			l.report(at+".regexp", lang.T("expression refusée : %s", "expression refused: %s", err), none)
		}
		if r.ID == whole {
			l.report(at+".id", lang.T("« %s » est la vérification que toute suite a déjà", "%q is the check that every suite has already", whole), lang.T("choisir un autre nom", "choose another name"))
		}
		if r.Tests < 0 || r.Tests > maxCases || r.Tests > 0 && r.ID == "" {
			l.report(at+".tests", lang.T("« tests » va avec « id » : le nombre de tests qu'il réunit", "tests goes with id: how many tests it takes"), none)
		}
		if r.Title != nil && r.ID == "" {
			l.report(at+".title", lang.T("« title » va avec « id »", "title goes with id"), lang.T("le titre de chaque test est son nom", "each test's title is its name"))
		}
	}
}
