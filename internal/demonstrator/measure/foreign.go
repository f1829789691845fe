package measure

import (
	"time"

	"aloi.dev/internal/lang"
)

// ForeignRun is how the result of a foreign suite on one offer came about: what
// its states depend on besides the kept bytes.
type ForeignRun struct {
	Suite    string        `json:"suite"`
	Offer    string        `json:"offer"`
	Imported bool          `json:"imported"`          // made elsewhere and handed over as a file
	File     string        `json:"file"`              // the name of the result, for messages
	Digest   string        `json:"digest"`            // of the kept bytes
	Handed   string        `json:"handed,omitempty"`  // digest of the file as it was handed over, when imported
	Bytes    int64         `json:"bytes"`             // their number
	Started  time.Time     `json:"started,omitzero"`  // zero: unknown, which counts as expired where a target has a validity
	Duration time.Duration `json:"duration_ns"`       // of the command; 0 when imported
	Command  []string      `json:"command,omitempty"` // as it was started, without secrets
	Program  string        `json:"program,omitempty"` // SHA-256 of the executable
	Exit     int           `json:"exit"`              // of the command; -1 when a signal ended it
	Halt     Halt          `json:"halt,omitempty"`    // empty: it ended by itself and left a result
	Detail   string        `json:"detail,omitempty"`  // what goes with Halt
}

// Halt is why a foreign suite gave no result that can be believed.
type Halt string

// The halts, each with what Reason.Got says.
const (
	HaltStart      Halt = "start"      // the command could not be started: the error
	HaltTime       Halt = "time"       // stopped at the time limit: the limit
	HaltStop       Halt = "stop"       // stopped with the run: nothing
	HaltExit       Halt = "exit"       // an exit code that no failed test explains: the code
	HaltSignal     Halt = "signal"     // ended by a signal: its name
	HaltSize       Halt = "size"       // wrote more than the limit: the limit
	HaltNothing    Halt = "nothing"    // wrote no result: the file's name
	HaltUnreadable Halt = "unreadable" // the result isn't in the format: file:line and what is wrong
	HaltMapping    Halt = "mapping"    // the mapping doesn't say what the tests are: which ones
)

// foreign says what a foreign suite reported. Did is the test's name, Got the
// suite's own words, and Want how many other tests of the check are in the same
// state; for Halted, Did is the Halt.
func (r Reason) foreign() lang.Text {
	others := lang.Text{}
	if r.Want != "" {
		others = lang.T(" (et %s de plus)", " (and %s more)", r.Want)
	}
	switch r.Cause {
	case Foreign:
		if r.Got == "" {
			return lang.T("Le test « %s »%s n'est pas passé ; sa suite n'en dit pas plus.", "The test %q%s did not pass; its suite says no more.", r.Did, others)
		}
		return lang.T("Le test « %s »%s n'est pas passé ; sa suite dit : « %s ».", "The test %q%s did not pass; its suite says: %s", r.Did, others, r.Got)
	case Skipped:
		if r.Got == "" {
			return lang.T("Le test « %s »%s a été sauté par sa suite.", "The test %q%s was skipped by its suite.", r.Did, others)
		}
		return lang.T("Le test « %s »%s a été sauté par sa suite, qui dit : « %s ».", "The test %q%s was skipped by its suite, which says: %s", r.Did, others, r.Got)
	case Absent:
		return lang.T("Le résultat de la suite n'a pas le test attendu : « %s ».", "The suite's result lacks the expected test: %s.", r.Want)
	case Partial:
		return lang.T("La suite a exécuté %s de ses %s tests.", "The suite ran %s of its %s tests.", r.Got, r.Want)
	}
	why, ok := halts[Halt(r.Did)]
	if !ok {
		why = lang.T("%s", "%s")
	}
	return lang.T("La suite étrangère ne donne pas de résultat : %s. Rien à en conclure sur l'offre.",
		"The foreign suite gives no result: %s. This says nothing of the offer.", lang.T(why.FR, why.EN, r.Got))
}

var halts = map[Halt]lang.Text{
	HaltStart:      lang.T("sa commande ne démarre pas (%s)", "its command doesn't start (%s)"),
	HaltTime:       lang.T("arrêtée au bout de sa durée maximale, %s", "stopped at its time limit, %s"),
	HaltStop:       lang.T("arrêtée avec la campagne%s", "stopped with the run%s"),
	HaltExit:       lang.T("code de sortie %s, qu'aucun test en échec n'explique", "exit code %s, which no failed test explains"),
	HaltSignal:     lang.T("interrompue par un signal (%s)", "ended by a signal (%s)"),
	HaltSize:       lang.T("elle a écrit plus de %s", "it wrote more than %s"),
	HaltNothing:    lang.T("elle n'a pas écrit %s", "it did not write %s"),
	HaltUnreadable: lang.T("ce qu'elle a écrit ne se lit pas (%s)", "what it wrote can't be read (%s)"),
	HaltMapping:    lang.T("son fichier de correspondance ne dit pas ce que sont ces tests (%s)", "its mapping doesn't say what these tests are (%s)"),
}
