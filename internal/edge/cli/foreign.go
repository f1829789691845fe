package cli

import (
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/probe"
	"aloi.dev/internal/demonstrator/probe/foreign"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// shelf is a catalogue with the mappings of the foreign suites whose checks its
// targets may use.
type shelf struct {
	cat      *catalogue.Catalogue
	mappings []*foreign.Mapping
	here     string // their folder; empty for those in the binary
}

// loadShelf reads the catalogue of a folder, or the one in the binary.
func (s *State) loadShelf(dir string) (*shelf, error) {
	source, here := s.Embedded, ""
	if dir != "" {
		source, here = s.DirFS(dir), filepath.Join(dir, foreign.Folder)
	}
	mappings, err := foreign.LoadAll(source, probe.Words(campaign.Suites))
	if err != nil {
		return nil, err
	}
	known := &shelf{mappings: mappings, here: here}
	if known.cat, err = catalogue.Load(source, known.words(nil)); err != nil {
		return nil, err
	}
	for _, m := range mappings {
		digest, err := m.Digest()
		if err != nil {
			return nil, err
		}
		known.cat.Foreign = append(known.cat.Foreign, catalogue.ForeignRef{Suite: string(m.Suite), Mapping: digest})
	}
	return known, nil
}

// words is what our suites, those of the catalogue and the given ones know.
func (k *shelf) words(suites []campaign.Foreign) catalogue.Vocabulary {
	all := slices.Clone(k.mappings)
	for _, f := range suites {
		if !slices.ContainsFunc(all, func(m *foreign.Mapping) bool { return m.Suite == f.Mapping.Suite }) {
			all = append(all, f.Mapping)
		}
	}
	return foreign.Words(probe.Words(campaign.Suites), all)
}

func (s *State) foreignFlag(cmd *cobra.Command, into *[]string) {
	cmd.Flags().StringArrayVar(into, "foreign", nil, s.say(lang.T("exécuter aussi une suite étrangère : CORRESPONDANCE.yaml, ou le nom d'une suite du catalogue",
		"also run a foreign suite: MAPPING.yaml, or the name of a suite of the catalogue")))
}

// loadForeign reads the mappings that a command line names: of suites to be run, and
// of results to be imported.
func (s *State) loadForeign(k *shelf, run, imports []string) ([]campaign.Foreign, error) {
	var suites []campaign.Foreign
	for _, path := range run {
		f, err := s.foreignSuite(k, path)
		if err != nil {
			return nil, err
		}
		if len(f.Mapping.Command) == 0 {
			return nil, usage(lang.T("%s ne dit pas comment s'exécute la suite (« command ») : importer un résultat avec --import",
				"%s doesn't say how the suite is run (command): import a result with --import", path))
		}
		if same(suites, f) >= 0 {
			return nil, usage(lang.T("la suite « %s » est donnée deux fois", "the suite %q is given twice", f.Mapping.Suite))
		}
		suites = append(suites, f)
	}
	for _, spec := range imports {
		path, _, _ := strings.Cut(spec, "=")
		f, err := s.foreignSuite(k, path)
		if err != nil {
			return nil, err
		}
		switch i := same(suites, f); {
		case i < 0:
			f.Imports = map[catalogue.OfferID]campaign.Import{}
			suites = append(suites, f)
		case suites[i].Imports == nil:
			return nil, usage(lang.T("la suite « %s » s'exécute ou s'importe, pas les deux", "the suite %q is run or imported, not both", f.Mapping.Suite))
		}
	}
	return suites, nil
}

// loadAll reads all that an evaluation is about: the catalogue, the foreign suites
// with the results to be imported, and the offers.
func (s *State) loadAll(f evaluateFlags, paths []string) (*catalogue.Catalogue, []campaign.Foreign, []campaign.Candidate, error) {
	shelf, err := s.loadShelf(f.catalogue)
	if err != nil {
		return nil, nil, nil, err
	}
	suites, err := s.loadForeign(shelf, f.foreign, f.imports)
	if err != nil {
		return nil, nil, nil, err
	}
	candidates, err := s.loadOffers(shelf.cat, shelf.words(suites), paths)
	if err != nil {
		return nil, nil, nil, err
	}
	return shelf.cat, suites, candidates, s.addImports(shelf, suites, f.imports, candidates)
}

// same finds the suite among those already named; -1 when it is not.
func same(suites []campaign.Foreign, f campaign.Foreign) int {
	return slices.IndexFunc(suites, func(known campaign.Foreign) bool { return known.Mapping.Suite == f.Mapping.Suite })
}

// foreignSuite reads a mapping, or takes the one that the catalogue has of that name.
// A mapping of a suite of the catalogue must be the catalogue's own.
func (s *State) foreignSuite(k *shelf, path string) (campaign.Foreign, error) {
	for _, m := range k.mappings {
		if string(m.Suite) == path {
			here, err := filepath.Abs(k.here)
			return campaign.Foreign{Mapping: m, Here: here}, err
		}
	}
	folder, name := s.open(path)
	m, err := foreign.Load(folder, name, probe.Words(campaign.Suites))
	if err != nil {
		return campaign.Foreign{}, err
	}
	digest, err := m.Digest()
	if err != nil {
		return campaign.Foreign{}, err
	}
	for _, ref := range k.cat.Foreign {
		if ref.Suite == string(m.Suite) && ref.Mapping != digest {
			return campaign.Foreign{}, fault.New(fault.Conflict, lang.T("%s n'est pas la correspondance que le catalogue donne de la suite « %s » : ses cibles diraient autre chose",
				"%s isn't the mapping that the catalogue gives of the suite %q: its targets would mean something else", path, m.Suite))
		}
	}
	here, err := filepath.Abs(filepath.Dir(path))
	return campaign.Foreign{Mapping: m, Here: here}, err
}

// addImports reads the results that were made elsewhere, each of one offer, and
// refuses those that can't be read or mapped.
func (s *State) addImports(k *shelf, suites []campaign.Foreign, specs []string, candidates []campaign.Candidate) error {
	for _, spec := range specs {
		path, result, ok := strings.Cut(spec, "=")
		if !ok || result == "" {
			return usage(lang.T("--import %s : écrire CORRESPONDANCE.yaml=RÉSULTAT[@OFFRE]", "--import %s: write MAPPING.yaml=RESULT[@OFFER]", spec))
		}
		offer, result := importedOf(result, candidates)
		if offer == "" {
			return usage(lang.T("--import %s : de quelle offre ? ajouter « @OFFRE »", "--import %s: of which offer? add @OFFER", spec))
		}
		f, err := s.foreignSuite(k, path)
		if err != nil {
			return err
		}
		f = suites[same(suites, f)]
		if _, twice := f.Imports[offer]; twice {
			return usage(lang.T("--import %s : l'offre « %s » a déjà un résultat de cette suite", "--import %s: the offer %q has a result of this suite already", spec, offer))
		}
		data, _, err := s.readResult(f.Mapping, result)
		if err != nil {
			return err
		}
		f.Imports[offer] = campaign.Import{File: filepath.Base(result), Data: data}
	}
	return nil
}

// importedOf splits RESULT@OFFER; of one offer alone, its name may be left out.
func importedOf(result string, candidates []campaign.Candidate) (catalogue.OfferID, string) {
	for _, c := range candidates {
		if before, found := strings.CutSuffix(result, "@"+string(c.Offer.ID)); found {
			return c.Offer.ID, before
		}
	}
	if len(candidates) > 1 {
		return "", result
	}
	return candidates[0].Offer.ID, result
}

// readResult reads a result and sorts its tests, or says in full why it can't.
func (s *State) readResult(m *foreign.Mapping, path string) ([]byte, *foreign.Assigned, error) {
	data, err := s.ReadFile(path)
	if err != nil {
		return nil, nil, fault.Wrap(fault.NotFound, lang.T("le résultat %s ne se lit pas", "the result %s can't be read", path), err)
	}
	report, err := foreign.Parse(m.Format, path, data)
	if err != nil {
		return nil, nil, err
	}
	assigned, err := m.Assign(path, report)
	return data, assigned, err
}
