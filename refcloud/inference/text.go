package inference

import (
	"fmt"
	"hash/fnv"
	"math/rand/v2"
	"regexp"
	"strconv"
	"strings"
)

// A token is a space with what follows it, at most five letters or figures, or
// one other character: written one after the other, tokens are the text again.
var token = regexp.MustCompile(`\s?[\pL\pN\pM'’]{1,5}|\s?[^\s\pL\pN\pM'’]|\s`)

// tokens cuts a text.
func tokens(text string) []string { return token.FindAllString(text, -1) }

// grammar writes sentences: one word of each list in turn.
type grammar [4][]string

var french = grammar{
	{"Le service public", "La commune", "L'agente", "Un usager", "Le registre", "La préfecture", "L'école", "Le département"},
	{"publie", "vérifie", "conserve", "transmet", "relit", "prépare", "simplifie", "explique"},
	{"la demande reçue", "un dossier complet", "les données ouvertes", "la réponse attendue", "le relevé annuel", "une décision motivée", "l'arrêté", "le plan d'accès"},
	{"chaque matin", "sans délai", "à la mairie", "avant l'été", "avec soin", "près de l'hôpital", "en toute clarté", "dès l'accueil"},
}

var english = grammar{
	{"The public service", "The town", "An officer", "A resident", "The register", "The county", "The school", "The department"},
	{"publishes", "checks", "keeps", "forwards", "reads", "prepares", "simplifies", "explains"},
	{"the request", "a complete file", "open data", "the expected answer", "the yearly statement", "a reasoned decision", "the order", "the access plan"},
	{"every morning", "without delay", "at the town hall", "before summer", "with care", "near the hospital", "in plain words", "at the desk"},
}

// sentence writes one.
func (g grammar) sentence(r *rand.Rand) string {
	var words []string
	for _, list := range g {
		words = append(words, list[r.IntN(len(list))])
	}
	return strings.Join(words, " ") + "."
}

var frenchWord = regexp.MustCompile(`(?i)[àâçéèêëîïôùûœ]|\b(?:le|la|les|une?|des?|du|est|mon|quel|réponds|écris)\b`)

// language returns the grammar of the language in which a prompt is written.
func language(prompt string) grammar {
	if frenchWord.MatchString(prompt) {
		return french
	}
	return english
}

// The instructions that the simulator follows, of all that a model understands.
var (
	countTo = regexp.MustCompile(`(?i)(?:de 1 à|from 1 to) (\d{1,4})`)
	repeat  = regexp.MustCompile(`(?is)(?:répète exactement|repeat exactly)[^:]*:\s*(.+)$`)
	always  = regexp.MustCompile(`(?is)(?:réponds toujours|always answer)[^:]*:\s*(.+)$`)
	recall  = regexp.MustCompile(`(?i)(?:quel est|what is) [^?]*(?:nombre|code|number)`)
	number  = regexp.MustCompile(`\d+`)
)

// reply writes the answer to a conversation.
func reply(messages []message, r *rand.Rand) string {
	last, before, system := "", "", ""
	for i, m := range messages {
		switch {
		case m.Role == "system" || m.Role == "developer":
			system += m.text()
		case i == len(messages)-1:
			last = m.text()
		default:
			before += " " + m.text()
		}
	}
	if found := always.FindStringSubmatch(system); found != nil {
		return strings.TrimSpace(found[1])
	}
	if len(messages) > 0 && messages[len(messages)-1].Role == "tool" {
		return follow(last, r)
	}
	return obey(last, before, r)
}

// obey follows the instruction of a user, or writes prose when it knows none.
func obey(last, before string, r *rand.Rand) string {
	if found := repeat.FindStringSubmatch(last); found != nil {
		return strings.TrimSpace(found[1])
	}
	if found := countTo.FindStringSubmatch(last); found != nil {
		n, _ := strconv.Atoi(found[1])
		var list []string
		for i := range n {
			list = append(list, strconv.Itoa(i+1))
		}
		return strings.Join(list, ", ")
	}
	if known := number.FindAllString(before, -1); recall.MatchString(last) && len(known) > 0 {
		return known[len(known)-1]
	}
	g, text := language(last), ""
	for range 2 + r.IntN(3) {
		text += " " + g.sentence(r)
	}
	return strings.TrimSpace(text)
}

// follow repeats what a tool said.
func follow(result string, r *rand.Rand) string {
	if frenchWord.MatchString(result) {
		return fmt.Sprintf("D'après l'outil : %s. %s", result, french.sentence(r))
	}
	return fmt.Sprintf("The tool says: %s. %s", result, english.sentence(r))
}

// source returns the random numbers of a choice: the same for the same prompt at
// temperature 0, for the same prompt and seed above it, new ones without a seed.
func source(prompt string, temperature float64, seed *int64, choice int) *rand.Rand {
	h := fnv.New64a()
	fmt.Fprint(h, prompt)
	switch {
	case temperature == 0:
		return rand.New(rand.NewPCG(h.Sum64(), 0))
	case seed != nil:
		return rand.New(rand.NewPCG(h.Sum64(), uint64(*seed)*31+uint64(choice)+1))
	}
	return rand.New(rand.NewPCG(rand.Uint64(), rand.Uint64()))
}
