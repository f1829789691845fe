package cli

import (
	"path/filepath"
	"strings"

	"aloi.dev/internal/demonstrator/campaign"
	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
)

// loadCatalogue reads the catalogue of a folder, or the one in the binary.
func (s *State) loadCatalogue(dir string) (*catalogue.Catalogue, error) {
	shelf, err := s.loadShelf(dir)
	if err != nil {
		return nil, err
	}
	return shelf.cat, nil
}

// loadOffers reads offers and refuses two with one id.
func (s *State) loadOffers(cat *catalogue.Catalogue, words catalogue.Vocabulary, paths []string) ([]campaign.Candidate, error) {
	var candidates []campaign.Candidate
	seen := map[catalogue.OfferID]string{}
	for _, path := range paths {
		folder, name := s.open(path)
		offer, err := catalogue.LoadOffer(folder, name, words, cat.NeedIDs())
		if err != nil {
			return nil, err
		}
		if first, ok := seen[offer.ID]; ok {
			return nil, fault.New(fault.Invalid, lang.T("%s et %s décrivent la même offre « %s »", "%s and %s describe the same offer %q", first, path, offer.ID))
		}
		seen[offer.ID] = path
		candidates = append(candidates, campaign.Candidate{Offer: *offer, Secrets: &vault{state: s, dir: filepath.Dir(path)}})
	}
	return candidates, nil
}

// vault finds the secrets of an offer: in the environment, or in files beside
// the offer's own.
type vault struct {
	state *State
	dir   string
}

// Resolve returns the value behind a reference, without the line end of a file.
func (v *vault) Resolve(ref catalogue.Ref) (string, error) {
	if name, ok := strings.CutPrefix(string(ref), "env:"); ok {
		value := v.state.Getenv(name)
		if value == "" {
			return "", fault.New(fault.Invalid, lang.T("la variable d'environnement %s est vide ou absente", "the environment variable %s is empty or not set", name))
		}
		return value, nil
	}
	path := strings.TrimPrefix(string(ref), "file:")
	if !filepath.IsAbs(path) {
		path = filepath.Join(v.dir, path)
	}
	data, err := v.state.ReadFile(path)
	if err != nil {
		return "", err
	}
	value := strings.TrimSpace(string(data))
	if value == "" {
		return "", fault.New(fault.Invalid, lang.T("le fichier %s est vide", "the file %s is empty", path))
	}
	return value, nil
}
