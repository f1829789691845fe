package cli

import (
	"errors"
	"fmt"
	"io/fs"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/spf13/cobra"

	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

// The folders of a person's home: HOME/keys/own/NAME-HASH.key is a secret,
// HOME/keys/{own,trusted}/NAME-HASH.pub an identity, HOME/log/NAME/ a log.
const (
	ownFolder     = "keys/own"
	trustedFolder = "keys/trusted"
	keysLock      = "keys/lock"
	logFolder     = "log"
)

const maxKeyName = 64 // bytes of the name of somebody's key

const localKey = "local" // the name of the key that is made when there is none

var keyName = regexp.MustCompile(`^[a-z0-9]([a-z0-9.-]{0,38}[a-z0-9])?$`)

// heldKey is a key of the person's home.
type heldKey struct {
	id       proof.Identity
	path     string     // of the identity
	own      bool       // the secret is, or was, here
	replaced *time.Time // when another key took over
}

// current reports whether the key may still sign.
func (k heldKey) current() bool { return k.own && k.replaced == nil }

// home returns a path below the person's home.
func (s *State) home(elem ...string) (string, error) {
	if s.Home == "" {
		return "", fault.New(fault.Invalid, lang.T("aucun dossier où garder les clés : donner ALOI_HOME=DOSSIER", "no folder to keep keys in: set ALOI_HOME=FOLDER"))
	}
	return filepath.Join(append([]string{s.Home}, elem...)...), nil
}

// underLock runs change while no other process changes what the lock guards.
func (s *State) underLock(name string, change func() error) error {
	unlock, err := s.lockHome(name)
	if err != nil {
		return err
	}
	defer unlock()
	return change()
}

func (s *State) lockHome(name string) (func(), error) {
	path, err := s.home(filepath.FromSlash(name))
	if err != nil {
		return nil, err
	}
	unlock, err := func() (func(), error) {
		if err := s.Disk.MkdirAll(filepath.Dir(path)); err != nil {
			return nil, err
		}
		return s.Lock(path)
	}()
	if err != nil {
		return nil, fault.Wrap(fault.Internal, lang.T("impossible de verrouiller %s", "cannot lock %s", path), err)
	}
	return unlock, nil
}

// held reads every key of the home, the person's own first, each lot in the
// order of age, and the ring that they make.
func (s *State) held() ([]heldKey, *proof.Ring, error) {
	var keys []heldKey
	ring := &proof.Ring{}
	for _, folder := range []string{ownFolder, trustedFolder} {
		if s.Home == "" {
			break // nothing to read; whoever writes is told
		}
		lot, err := s.identities(filepath.Join(s.Home, filepath.FromSlash(folder)))
		if err != nil {
			return nil, nil, err
		}
		for _, k := range lot {
			if err := ring.Add(k.id); err != nil {
				return nil, nil, fault.Wrap(fault.Invalid, lang.T("trousseau incohérent : %s", "keys that contradict each other: %s", k.path), err)
			}
			k.own = folder == ownFolder
			if !slices.ContainsFunc(keys, func(known heldKey) bool { return known.id.Key == k.id.Key }) {
				keys = append(keys, k)
			}
		}
	}
	for i := range keys {
		if at, ok := ring.ReplacedAt(keys[i].id.Key.ID()); ok {
			keys[i].replaced = &at
		}
	}
	return keys, ring, nil
}

// identities reads the public keys of a folder that may not exist yet.
func (s *State) identities(dir string) ([]heldKey, error) {
	entries, err := fs.ReadDir(s.DirFS(dir), ".")
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fault.Wrap(fault.Invalid, lang.T("dossier de clés illisible", "unreadable folder of keys"), err)
	}
	var keys []heldKey
	for _, e := range entries {
		if !strings.HasSuffix(e.Name(), ".pub") {
			continue
		}
		path := filepath.Join(dir, e.Name())
		id, err := s.readIdentity(path)
		if err != nil {
			return nil, err
		}
		keys = append(keys, heldKey{id: id, path: path})
	}
	slices.SortStableFunc(keys, func(a, b heldKey) int { return a.id.Since.Compare(b.id.Since) })
	return keys, nil
}

// readIdentity reads a public key file.
func (s *State) readIdentity(path string) (proof.Identity, error) {
	data, err := s.ReadFile(path)
	if err != nil {
		return proof.Identity{}, fault.Wrap(fault.Invalid, lang.T("fichier de clé publique", "public key file"), err)
	}
	id, err := proof.ParseIdentity(data)
	switch {
	case err != nil && strings.Contains(string(data), "PRIVATE+KEY+"):
		err = fault.New(fault.Invalid, lang.T("%s contient une clé secrète : seul le fichier .pub se donne et se lit ici", "%s holds a secret key: only its .pub file is handed out and read here", path))
	case err != nil:
		err = fault.Wrap(fault.Invalid, lang.Same(path), err)
	case len(id.Key.Name()) > maxKeyName:
		err = fault.New(fault.Invalid, lang.T("%s : le nom de la clé dépasse %d octets", "%s: the name of the key is longer than %d bytes", path, maxKeyName))
	case !printable(id.Holder) || !printable(id.Role) || !printable(id.Key.Name()):
		err = fault.New(fault.Invalid, lang.T("%s : un nom porte des caractères invisibles, qui peuvent le faire prendre pour un autre", "%s: a name bears invisible characters, which may make it pass for another", path))
	}
	return id, err
}

// ring is the person's own keys, those that they trust, and those of the files.
func (s *State) ring(files []string) (*proof.Ring, error) {
	_, ring, err := s.held()
	if err != nil {
		return nil, err
	}
	for _, path := range files {
		id, err := s.readIdentity(path)
		if err == nil {
			if err = ring.Add(id); err != nil {
				err = fault.Wrap(fault.Invalid, lang.Same(path), err)
			}
		}
		if err != nil {
			return nil, err
		}
	}
	return ring, nil
}

// keyFlag lets a command sign with a key of the person's choice.
func (s *State) keyFlag(cmd *cobra.Command, name *string) {
	cmd.Flags().StringVar(name, "key", "", s.say(lang.T("clé qui signe : son nom ou NOM+EMPREINTE (par défaut $ALOI_KEY, sinon la seule)", "key to sign with: its name or NAME+HASH (by default $ALOI_KEY, else the only one)")))
}

// trustFlag lets a command trust more keys than the person's home does.
func (s *State) trustFlag(cmd *cobra.Command, files *[]string) {
	cmd.Flags().StringArrayVar(files, "trust", nil, s.say(lang.T("fichier .pub d'une clé à croire, en plus de « aloi key list » (répétable)", "the .pub file of a key to trust, beside those of `aloi key list` (repeatable)")))
}

// signer returns the key of that name or id; of $ALOI_KEY when name is empty,
// else the only one that can sign.
func (s *State) signer(name string) (*proof.Key, proof.Identity, error) {
	keys, _, err := s.held()
	if err != nil {
		return nil, proof.Identity{}, err
	}
	if name == "" {
		name = s.Getenv("ALOI_KEY")
	}
	k, err := chosen(keys, name)
	if err != nil {
		return nil, proof.Identity{}, err
	}
	key, err := s.secret(k)
	return key, k.id, err
}

// ensureSigner is signer for work that must not fail for want of a key: when the
// home has none at all, it makes one in the machine's name and says so.
func (s *State) ensureSigner(name string) (*proof.Key, proof.Identity, error) {
	keys, _, err := s.held()
	if err == nil && name == "" && s.Getenv("ALOI_KEY") == "" && !slices.ContainsFunc(keys, func(k heldKey) bool { return k.own }) {
		err = s.makeLocalKey()
	}
	if err != nil {
		return nil, proof.Identity{}, err
	}
	return s.signer(name)
}

func (s *State) makeLocalKey() error {
	host, err := s.Hostname()
	if host = strings.Join(strings.Fields(host), " "); err != nil || host == "" || !printable(host) {
		host = "unknown"
	}
	made, err := s.makeKey(newKeyFlags{holder: "machine " + host, role: defaultRole}, localKey)
	if fault.KindOf(err) == fault.Conflict {
		return nil // another process was faster
	}
	if err != nil {
		return err
	}
	fmt.Fprintln(s.Stderr, "aloi:", s.say(lang.T("aucune clé ici : « %s » est créée au nom de la machine pour signer (%s).\n      Pour signer en votre nom : aloi key new NOM --holder \"VOTRE ORGANISATION\"",
		"no key here: %s is made in the machine's name, to sign with (%s).\n      To sign in your own: aloi key new NAME --holder \"YOUR ORGANISATION\"", made.id.Key.ID(), made.path)))
	return nil
}

// chosen picks the key that signs.
func chosen(keys []heldKey, name string) (heldKey, error) {
	var current []heldKey
	var ids []string
	for _, k := range keys {
		if !k.own {
			continue
		}
		if k.replaced != nil {
			if name == k.id.Key.ID() {
				return k, fault.New(fault.Invalid, lang.T("la clé %s est remplacée depuis le %s : elle ne signe plus", "the key %s has been replaced since %s: it signs no more", name, day(*k.replaced)))
			}
			continue
		}
		ids = append(ids, k.id.Key.ID())
		if name == "" || name == k.id.Key.Name() || name == k.id.Key.ID() {
			current = append(current, k)
		}
	}
	list := strings.Join(ids, ", ")
	switch {
	case len(current) == 1:
		return current[0], nil
	case len(ids) == 0:
		return heldKey{}, fault.New(fault.NotFound, lang.T("aucune clé pour signer : en créer une avec « aloi key new NOM --holder \"VOTRE ORGANISATION\" »",
			"no key to sign with: make one with `aloi key new NAME --holder \"YOUR ORGANISATION\"`"))
	case len(current) == 0:
		return heldKey{}, fault.New(fault.NotFound, lang.T("aucune clé « %s » ici ; il y a : %s", "no key %q here; there is: %s", name, list))
	}
	return heldKey{}, fault.New(fault.Invalid, lang.T("plusieurs clés peuvent signer, choisir avec --key ou ALOI_KEY : %s", "several keys can sign, choose with --key or ALOI_KEY: %s", list))
}

// secret reads the secret half of a key. No error repeats it.
func (s *State) secret(k heldKey) (*proof.Key, error) {
	path := secretPath(k.path)
	data, err := s.ReadFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, fault.New(fault.NotFound, lang.T("la clé secrète de %s n'est plus ici (%s)", "the secret key of %s is here no more (%s)", k.id.Key.ID(), path))
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.T("clé secrète de %s", "secret key of %s", k.id.Key.ID()), err)
	}
	key, err := proof.ParseKey(string(data))
	if err == nil && key.Public() != k.id.Key {
		err = fmt.Errorf("it is the secret of %s", key.Public().ID())
	}
	if err != nil {
		return nil, fault.Wrap(fault.Invalid, lang.Same(path), err)
	}
	return key, nil
}

func secretPath(public string) string { return strings.TrimSuffix(public, ".pub") + ".key" }

// keyFile is the name of a public key's file. Other people's keys may have any
// name without spaces; two keys never have one file, whatever the disk.
func keyFile(key proof.PublicKey) string {
	var b strings.Builder
	for _, c := range []byte(key.Name()) {
		if c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '-' || c == '.' {
			b.WriteByte(c)
		} else {
			fmt.Fprintf(&b, "%%%02x", c)
		}
	}
	return fmt.Sprintf("%s-%08x.pub", b.String(), key.KeyHash())
}
