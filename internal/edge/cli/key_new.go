package cli

import (
	"fmt"
	"path/filepath"
	"slices"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// The roles of keys: what a key is used for, as whoever trusts it reads.
const defaultRole = "applicant"

var keyRoles = []string{defaultRole, "operator", "expert", "other"}

type newKeyFlags struct {
	holder   string
	role     string
	replaces string
	json     bool
}

func newKeyNew(s *State) *cobra.Command {
	var f newKeyFlags
	cmd := &cobra.Command{
		Use:   "new NAME",
		Short: s.say(lang.T("Créer une clé", "Make a key")),
		Args:  exactly(1),
		RunE: func(_ *cobra.Command, args []string) error {
			made, err := s.makeKey(f, args[0])
			if err != nil {
				return err
			}
			if f.json {
				return s.printJSON(keyJSON(made))
			}
			s.keyMade(made)
			return nil
		},
	}
	flags := cmd.Flags()
	flags.StringVar(&f.holder, "holder", "", s.say(lang.T("titulaire : une personne ou une organisation", "holder: a person or an organisation")))
	flags.StringVar(&f.role, "role", "", s.say(lang.T("rôle : %s (par défaut %s)", "role: %s (%s by default)", strings.Join(keyRoles, ", "), defaultRole)))
	flags.StringVar(&f.replaces, "replaces", "", s.say(lang.T("clé que celle-ci remplace : NOM+EMPREINTE", "key that this one replaces: NAME+HASH")))
	flags.BoolVar(&f.json, "json", false, s.say(lang.T("écrire en JSON", "write JSON")))
	return cmd
}

// makeKey makes a key and writes both halves. It holds the lock of the keys, so
// that of several processes one makes it.
func (s *State) makeKey(f newKeyFlags, name string) (made heldKey, err error) {
	if !keyName.MatchString(name) {
		return made, usage(lang.T("« %s » ne peut pas nommer une clé : de 1 à 40 minuscules, chiffres, points et traits d'union", "%q can't name a key: 1 to 40 lower-case letters, digits, dots and hyphens", name))
	}
	err = s.underLock(keysLock, func() error {
		before, err := s.before(&f, name)
		if err != nil {
			return err
		}
		made, err = s.drawKey(f, name, before)
		return err
	})
	return made, err
}

// before returns the key that the new one replaces, nil when it is the first of
// its name, and completes the flags from it.
func (s *State) before(f *newKeyFlags, name string) (*proof.Key, error) {
	keys, _, err := s.held()
	if err != nil {
		return nil, err
	}
	i := slices.IndexFunc(keys, func(k heldKey) bool { return k.current() && k.id.Key.Name() == name })
	switch {
	case i < 0 && f.replaces == "":
		return nil, f.complete("", defaultRole)
	case i >= 0 && f.replaces == "":
		id := keys[i].id.Key.ID()
		return nil, fault.New(fault.Conflict, lang.T("il y a déjà une clé « %s » : choisir un autre nom, ou la remplacer avec --replaces %s", "there is a key %q already: choose another name, or replace it with --replaces %s", name, id))
	case i < 0 || keys[i].id.Key.ID() != f.replaces:
		return nil, fault.New(fault.NotFound, lang.T("--replaces %s n'est pas votre clé actuelle du nom de « %s » : voir « aloi key list »", "--replaces %s is not your current key of the name %q: see `aloi key list`", f.replaces, name))
	case s.Now().Before(keys[i].id.Since):
		return nil, fault.New(fault.Invalid, lang.T("la clé à remplacer vaut depuis le %s, après maintenant : régler l'horloge", "the key to replace holds since %s, which is yet to come: set the clock", day(keys[i].id.Since)))
	}
	if err := f.complete(keys[i].id.Holder, keys[i].id.Role); err != nil {
		return nil, err
	}
	return s.secret(keys[i])
}

// complete takes the holder and the role of the key before, and checks them.
func (f *newKeyFlags) complete(holder, role string) error {
	if f.holder == "" {
		f.holder = holder
	}
	if f.role == "" {
		f.role = role
	}
	switch {
	case f.holder == "":
		return usage(lang.T("--holder manque : la personne ou l'organisation à qui est la clé", "--holder is missing: the person or organisation whose key it is"))
	case f.holder != strings.Join(strings.Fields(f.holder), " ") || !printable(f.holder):
		return usage(lang.T("--holder est une ligne de mots visibles, un espace entre deux", "--holder is one line of visible words, one space between two"))
	case !slices.Contains(keyRoles, f.role) && f.role != role:
		return usage(lang.T("rôle « %s » inconnu : %s", "unknown role %q: %s", f.role, strings.Join(keyRoles, ", ")))
	}
	return nil
}

func (s *State) drawKey(f newKeyFlags, name string, before *proof.Key) (heldKey, error) {
	key, err := proof.NewKey(name, s.Random)
	if err != nil {
		return heldKey{}, err
	}
	id, err := proof.Identify(key, f.holder, f.role, s.Now(), before)
	if err != nil {
		return heldKey{}, err
	}
	dir, err := s.home(filepath.FromSlash(ownFolder))
	if err != nil {
		return heldKey{}, err
	}
	if err := s.Disk.MkdirAll(dir); err != nil {
		return heldKey{}, fault.Wrap(fault.Internal, lang.T("impossible de créer %s", "cannot make %s", dir), err)
	}
	path := filepath.Join(dir, keyFile(key.Public()))
	// the identity comes last: without it the secret doesn't count as a key
	if err := s.replace(secretPath(path), []byte(key.Secret()+"\n")); err != nil {
		return heldKey{}, err
	}
	return heldKey{id: id, path: path, own: true}, s.replace(path, []byte(id.Text()))
}

// replace writes a file as a whole: whoever reads it finds the old or the new
// one, also after a crash. The caller holds the lock over it.
func (s *State) replace(path string, data []byte) error {
	temporary := path + ".new"
	err := s.Disk.RemoveAll(temporary) // of a process that died here
	if err == nil {
		err = s.writeNew(temporary, data)
	}
	if err == nil {
		err = s.Disk.Rename(temporary, path)
	}
	if err != nil {
		return fault.Wrap(fault.Internal, lang.T("impossible d'écrire %s", "cannot write %s", path), err)
	}
	return nil
}

func (s *State) writeNew(path string, data []byte) error {
	file, err := s.Disk.Create(path)
	if err != nil {
		return err
	}
	if _, err = file.Write(data); err == nil {
		err = file.Sync()
	}
	if closing := file.Close(); err == nil {
		err = closing
	}
	return err
}

func (s *State) keyMade(k heldKey) {
	fmt.Fprintln(s.Stdout, s.say(lang.T("Clé %s de « %s » (%s).", "Key %s of %s (%s).", k.id.Key.ID(), k.id.Holder, k.id.Role)))
	if k.id.After != "" {
		fmt.Fprintln(s.Stdout, s.say(lang.T("Elle remplace %s, qui ne signe plus.", "It replaces %s, which signs no more.", k.id.After)))
	}
	s.facts(
		lang.T("à garder secret", "keep secret"), secretPath(k.path),
		lang.T("à donner", "hand out"), k.path,
		lang.T("clé publique entière", "full public key"), k.id.Key.String(),
	)
	fmt.Fprintln(s.Stdout, s.say(lang.T("Qui a le fichier .key signe en votre nom : ne jamais l'envoyer ni le copier dans un dossier partagé.\nQui croit le fichier .pub (aloi key trust) peut vérifier ce que vous signez.",
		"Whoever has the .key file signs in your name: never send it, nor copy it to a shared folder.\nWhoever trusts the .pub file (aloi key trust) can check what you sign.")))
}
