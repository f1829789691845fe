package cli

import (
	"bytes"
	"fmt"
	"io"
	"path/filepath"
	"strings"

	"github.com/spf13/cobra"

	"aloi.dev/internal/demonstrator/catalogue"
	"aloi.dev/internal/demonstrator/evidence"
	"aloi.dev/internal/demonstrator/report"
	"aloi.dev/internal/fault"
	"aloi.dev/internal/lang"
	"aloi.dev/internal/proof"
)

type verifyFlags struct {
	trust      []string
	checkpoint string
	json       bool
}

func newVerify(s *State) *cobra.Command {
	var f verifyFlags
	cmd := &cobra.Command{
		Use:   "verify FILE...",
		Short: s.say(lang.T("Vérifier hors ligne des preuves scellées", "Verify sealed evidence offline")),
		Long: s.say(lang.T(`Vérifie chaque fichier sans réseau : signature, empreintes, encodage, place dans le
journal, puis décide de nouveau chaque verdict, score et rang à partir des résultats
bruts, et compare.

Code de sortie : 0 tout tient, 1 un fichier est refusé, 2 entrée à corriger,
4 défaillance de l'outil.`,
			`Verifies each file without a network: signature, digests, encoding, place in the log,
then decides every verdict, score and rank again from the raw results, and compares.

Exit code: 0 all holds, 1 a file is refused, 2 input to mend, 4 a failure of the tool
itself.`)),
		Args: atLeastOne(),
		RunE: func(_ *cobra.Command, args []string) error { return s.verify(f, args) },
	}
	s.trustFlag(cmd, &f.trust)
	cmd.Flags().StringVar(&f.checkpoint, "checkpoint", "", s.say(lang.T("point de contrôle du journal, obtenu par ailleurs (ses tuiles à côté de lui, dans tile/)", "checkpoint of the log, obtained elsewhere (its tiles beside it, in tile/)")))
	cmd.Flags().BoolVar(&f.json, "json", false, s.say(lang.T("écrire le résultat en JSON", "write the result as JSON")))
	return cmd
}

// verified is what verifying one file found.
type verified struct {
	File    string      `json:"file"`
	Type    string      `json:"type,omitempty"` // of what is said in it
	Holds   bool        `json:"holds"`
	Refused *lang.Text  `json:"refused,omitempty"` // why it doesn't hold
	Said    []lang.Text `json:"said,omitempty"`    // what the file says, which holds
	Checked []lang.Text `json:"checked,omitempty"`
	Not     []lang.Text `json:"not_checked,omitempty"`
}

func (s *State) verify(f verifyFlags, paths []string) error {
	trust, err := s.trust(f)
	if err != nil {
		return err
	}
	var all []verified
	refused := 0
	for _, path := range paths {
		v, err := s.verifyFile(path, trust)
		switch {
		case err == nil:
			v.Holds = true
		case fault.KindOf(err) == fault.Invalid:
			v.Refused = &lang.Text{FR: fault.Say(err, "fr"), EN: fault.Say(err, "en")}
			refused++
		default:
			return err
		}
		v.File = path
		all = append(all, v)
	}
	if f.json {
		err = s.printJSON(all)
	} else {
		for _, v := range all {
			s.printVerified(v)
		}
	}
	if err == nil && refused > 0 {
		err = &verdictError{exitNotMet}
	}
	return err
}

// trust gathers what the person knows already.
func (s *State) trust(f verifyFlags) (evidence.Trust, error) {
	ring, err := s.ring(f.trust)
	if err != nil || f.checkpoint == "" {
		return evidence.Trust{Ring: ring}, err
	}
	text, err := s.ReadFile(f.checkpoint)
	if err != nil {
		return evidence.Trust{}, fault.Wrap(fault.NotFound, lang.T("point de contrôle %s", "checkpoint %s", f.checkpoint), err)
	}
	known, err := proof.ParseCheckpoint(text)
	if err != nil {
		return evidence.Trust{}, fault.Wrap(fault.Invalid, lang.T("point de contrôle %s", "checkpoint %s", f.checkpoint), err)
	}
	dir := filepath.Dir(f.checkpoint)
	return evidence.Trust{Ring: ring, Known: &known, Tiles: logFiles{s.DirFS(dir), s, dir}}, nil
}

// verifyFile tells files apart by what they hold, not by their names.
func (s *State) verifyFile(path string, trust evidence.Trust) (verified, error) {
	file, size, err := s.openFile(path)
	if err != nil {
		return verified{}, err
	}
	defer file.Close()
	begin := make([]byte, min(size, 16))
	if _, err := file.ReadAt(begin, 0); err != nil && size > 0 {
		return verified{}, fault.Wrap(fault.Internal, lang.T("lecture de %s", "reading %s", path), err)
	}
	if !bytes.HasPrefix(begin, []byte("{")) {
		return s.verifyBundle(file, size, trust)
	}
	const most = 16 << 20
	if size > most {
		return verified{}, fault.New(fault.Invalid, lang.T("trop grand pour une déclaration signée (%d octets au plus)", "too large for a signed statement (%d bytes at most)", most))
	}
	text, err := io.ReadAll(io.NewSectionReader(file, 0, size))
	if err != nil {
		return verified{}, fault.Wrap(fault.Internal, lang.T("lecture de %s", "reading %s", path), err)
	}
	return s.verifyEnvelope(text, trust)
}

// statements says how to verify what people sign, by its type, on a date.
var statements = map[string]func(*proof.Envelope, *proof.Ring, catalogue.Date) ([]lang.Text, error){
	evidence.FindingType: evidence.VerifyFinding, evidence.AnswerType: evidence.VerifyAnswer, evidence.ExceptionType: evidence.VerifyException,
}

// verifyEnvelope verifies a signed statement by what it says it is.
func (s *State) verifyEnvelope(text []byte, trust evidence.Trust) (verified, error) {
	e, err := proof.ParseEnvelope(text)
	if err != nil {
		return verified{}, fault.Wrap(fault.Invalid, lang.T("ce n'est pas une déclaration signée intacte", "not an intact signed statement"), err)
	}
	kind := e.Statement.PredicateType
	if check := statements[kind]; check != nil {
		held, err := check(e, trust.Ring, catalogue.Date(day(s.Now())))
		return verified{Type: kind, Checked: held}, err
	}
	return verified{Type: kind}, fault.New(fault.Invalid, lang.T("déclaration de type %s, que cette version ne sait pas vérifier", "a statement of type %s, which this version can't verify", kind))
}

func (s *State) verifyBundle(file io.ReaderAt, size int64, trust evidence.Trust) (verified, error) {
	v, err := evidence.VerifyBundle(file, size, trust)
	if err != nil {
		return verified{Type: evidence.RunType}, err
	}
	return verified{Type: evidence.RunType, Said: report.Sealed(v), Checked: v.Checked, Not: v.Not}, nil
}

func (s *State) printVerified(v verified) {
	mark, word := "✓", lang.T("%s : tient", "%s: holds", v.File)
	if !v.Holds {
		mark, word = "✗", lang.T("%s : refusé", "%s: refused", v.File)
	}
	fmt.Fprintln(s.Stdout, mark, s.say(word))
	print := func(mark string, texts []lang.Text) {
		for _, t := range texts {
			fmt.Fprintf(s.Stdout, "  %s %s\n", mark, s.say(t))
		}
	}
	if v.Refused != nil {
		print("✗", []lang.Text{*v.Refused})
	}
	print(" ", v.Said)
	print("✓", v.Checked)
	print("–", v.Not)
}

// shellWord quotes a word for a shell where it must be.
func shellWord(word string) string {
	if word != "" && !strings.ContainsFunc(word, func(r rune) bool {
		return !strings.ContainsRune("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789/._-+:@%=,~", r)
	}) {
		return word
	}
	return "'" + strings.ReplaceAll(word, "'", `'\''`) + "'"
}
