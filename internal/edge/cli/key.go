package cli

import (
	"fmt"
	"path/filepath"
	"strings"
	"text/tabwriter"
	"time"
	"unicode"

	"github.com/spf13/cobra"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

func newKey(s *State) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "key",
		Short: s.say(lang.T("Les clés qui signent, et celles que l'on croit", "The keys that sign, and those that are trusted")),
	}
	var asJSON bool
	list := &cobra.Command{
		Use:   "list",
		Short: s.say(lang.T("Lister ses clés et celles que l'on croit", "List one's own keys and the trusted ones")),
		Args:  exactly(0),
		RunE:  func(*cobra.Command, []string) error { return s.keyList(asJSON) },
	}
	trust := &cobra.Command{
		Use:   "trust FILE.pub...",
		Short: s.say(lang.T("Croire des clés publiques", "Trust public keys")),
		Long: s.say(lang.T(`Montre à qui est chaque clé et la croit désormais. Avant de croire une clé, comparer
sa clé entière avec ce que son titulaire annonce par un autre moyen.`,
			`Shows whose each key is and trusts it from now on. Before trusting a key, compare the
full key with what its holder announces by another way.`)),
		Args: atLeastOne(),
		RunE: func(_ *cobra.Command, paths []string) error { return s.keyTrust(paths, asJSON) },
	}
	for _, c := range []*cobra.Command{list, trust} {
		c.Flags().BoolVar(&asJSON, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	}
	cmd.AddCommand(newKeyNew(s), list, trust)
	return cmd
}

// keyLine is a key as JSON has it.
type keyLine struct {
	ID       string     `json:"id"`
	Key      string     `json:"key"`
	Holder   string     `json:"holder"`
	Role     string     `json:"role"`
	Since    time.Time  `json:"since"`
	After    string     `json:"after,omitempty"`       // id of the key that it replaces
	Replaced *time.Time `json:"replaced_at,omitempty"` // from then on it can't sign
	Own      bool       `json:"own"`
	Path     string     `json:"path"`
	Follows  bool       `json:"follows,omitempty"` // a key trusted before signed it
}

func keyJSON(k heldKey) keyLine {
	return keyLine{ID: k.id.Key.ID(), Key: k.id.Key.String(), Holder: k.id.Holder, Role: k.id.Role, Since: k.id.Since,
		After: k.id.After, Replaced: k.replaced, Own: k.own, Path: k.path}
}

func (s *State) keyList(asJSON bool) error {
	keys, _, err := s.held()
	if err != nil {
		return err
	}
	if asJSON {
		list := []keyLine{}
		for _, k := range keys {
			list = append(list, keyJSON(k))
		}
		return s.printJSON(list)
	}
	if len(keys) == 0 {
		fmt.Fprintln(s.Stdout, s.say(lang.T("Aucune clé. En créer une : aloi key new NOM --holder \"VOTRE ORGANISATION\"", "No key. Make one: aloi key new NAME --holder \"YOUR ORGANISATION\"")))
		return nil
	}
	w := tabwriter.NewWriter(s.Stdout, 0, 4, 2, ' ', 0)
	fmt.Fprintln(w, s.say(lang.T("\tCLÉ\tTITULAIRE\tRÔLE\tDEPUIS\tREMPLACÉE\tFICHIER", "\tKEY\tHOLDER\tROLE\tSINCE\tREPLACED\tFILE")))
	for _, k := range keys {
		kind, replaced := s.say(lang.T("crue", "trusted")), "–"
		if k.own {
			kind = s.say(lang.T("à moi", "own"))
		}
		if k.replaced != nil {
			replaced = day(*k.replaced)
		}
		fmt.Fprintf(w, "%s\t%s\t%s\t%s\t%s\t%s\t%s\n", kind, k.id.Key.ID(), k.id.Holder, k.id.Role, day(k.id.Since), replaced, k.path)
	}
	return w.Flush()
}

// keyTrust adds keys to those that the person trusts: all of the files, or none.
func (s *State) keyTrust(paths []string, asJSON bool) error {
	list := []keyLine{}
	err := s.underLock(keysLock, func() error {
		_, ring, err := s.held()
		if err != nil {
			return err
		}
		var ids []proof.Identity
		for _, path := range paths {
			id, err := s.readIdentity(path)
			if err != nil {
				return err
			}
			line := keyJSON(heldKey{id: id, path: path})
			line.Follows = ring.Follows(id)
			if err := ring.Add(id); err != nil {
				return fault.Wrap(fault.Conflict, lang.T("%s n'est pas crue", "%s is not trusted", path), err)
			}
			list, ids = append(list, line), append(ids, id)
		}
		for i, id := range ids {
			if list[i].Path, err = s.keepTrusted(id); err != nil {
				return err
			}
		}
		return nil
	})
	if err != nil {
		return err
	}
	if asJSON {
		return s.printJSON(list)
	}
	for _, line := range list {
		s.trusted(line)
	}
	return nil
}

func (s *State) keepTrusted(id proof.Identity) (string, error) {
	dir, err := s.home(filepath.FromSlash(trustedFolder))
	if err != nil {
		return "", err
	}
	if err := s.Disk.MkdirAll(dir); err != nil {
		return "", fault.Wrap(fault.Internal, lang.T("impossible de créer %s", "cannot make %s", dir), err)
	}
	path := filepath.Join(dir, keyFile(id.Key))
	return path, s.replace(path, []byte(id.Text()))
}

func (s *State) trusted(k keyLine) {
	fmt.Fprintln(s.Stdout, s.say(lang.T("Crue désormais : %s", "Trusted from now on: %s", k.ID)))
	s.facts(
		lang.T("titulaire", "holder"), k.Holder,
		lang.T("rôle", "role"), k.Role,
		lang.T("depuis", "since"), day(k.Since),
		lang.T("clé publique entière", "full public key"), k.Key,
		lang.T("remplace", "replaces"), k.After,
		lang.T("fichier", "file"), k.Path,
	)
	if k.Follows {
		fmt.Fprintln(s.Stdout, s.say(lang.T("La clé qu'elle remplace était crue et l'a signée : rien d'autre à vérifier.", "The key that it replaces was trusted and has signed it: nothing else to check.")))
		return
	}
	fmt.Fprintln(s.Stdout, s.say(lang.T("Rien ne la rattache à une clé déjà crue : comparer la clé entière avec ce que son titulaire annonce.", "Nothing links it to a key trusted before: compare the full key with what its holder announces.")))
}

// day is an instant's date, in UTC.
func day(t time.Time) string { return t.UTC().Format(time.DateOnly) }

// printable reports whether a name shows all that it holds.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return !unicode.IsPrint(r) })
}
