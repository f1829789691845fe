package strict

import (
	"bytes"
	"strings"
	"unicode/utf8"

	"github.com/goccy/go-yaml/ast"
	"github.com/goccy/go-yaml/lexer"
	"github.com/goccy/go-yaml/parser"
	"github.com/goccy/go-yaml/token"

	"aloi.dev/internal/lang"
)

// maxDepth bounds nesting, so that a hostile file can't exhaust the stack.
const maxDepth = 32

// readable returns the text of a file with plain line ends, or the first reason
// why it can't be one: size, encoding, control characters.
func readable(file string, data []byte) ([]byte, *Problem) {
	if len(data) > MaxBytes {
		return nil, &Problem{Line: 1, Column: 1,
			Text: lang.T("« %s » dépasse 1 Mio", "%s is over 1 MiB", file),
			Hint: lang.T("découper en plusieurs fichiers", "split it into several files")}
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	data = bytes.ReplaceAll(data, []byte("\r\n"), []byte("\n"))
	line, column := 1, 1
	for i := 0; i < len(data); {
		r, size := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && size <= 1:
			return data, &Problem{Line: line, Column: column,
				Text: lang.T("octet qui n'est pas de l'UTF-8", "a byte that is not UTF-8"),
				Hint: lang.T("enregistrer le fichier en UTF-8", "save the file as UTF-8")}
		case r == '\n':
			line, column = line+1, 0
		case r != '\t' && control(r):
			return data, &Problem{Line: line, Column: column,
				Text: lang.T("caractère de contrôle U+%04X", "control character U+%04X", r),
				Hint: lang.T("le supprimer", "remove it")}
		}
		i += size
		column++
	}
	return data, nil
}

// control reports whether a rune could mislead a reader or a terminal: control
// characters, line separators and marks that reorder text.
func control(r rune) bool {
	switch {
	case r < 0x20, r >= 0x7f && r < 0xa0, r == 0xfeff:
		return true
	case r >= 0x202a && r <= 0x202e, r >= 0x2066 && r <= 0x2069, r == 0x2028, r == 0x2029:
		return true
	}
	return false
}

// parse returns the root of the one document of source.
func parse(source []byte) (body ast.Node, problem *Problem) {
	defer func() {
		if recover() != nil { // a defect of the parser is still a file that can't be read
			body, problem = nil, syntax("", nil)
		}
	}()
	tokens := lexer.Tokenize(string(source))
	if problem := plain(tokens); problem != nil {
		return nil, problem
	}
	file, err := parser.Parse(tokens, 0, parser.AllowDuplicateMapKey())
	if err != nil {
		located, ok := err.(interface {
			GetMessage() string
			GetToken() *token.Token
		})
		if !ok {
			return nil, syntax(err.Error(), nil)
		}
		return nil, syntax(located.GetMessage(), located.GetToken())
	}
	for _, doc := range file.Docs {
		if doc.Body == nil {
			continue
		}
		if body != nil {
			return nil, syntax("", doc.Body.GetToken())
		}
		body = doc.Body
	}
	if body == nil {
		return nil, &Problem{Line: 1, Column: 1, Text: lang.T("le fichier est vide", "the file is empty")}
	}
	if lost := unread(tokens, body); lost != nil {
		return nil, syntax("", lost)
	}
	return body, nil
}

// plain refuses, before anything is parsed, what data files must not use.
func plain(tokens token.Tokens) *Problem {
	flow, dashes, dashLine := 0, 0, 0
	for i, t := range tokens {
		if t.Type == token.SequenceEntryType && t.Position.Line == dashLine {
			dashes++
		} else if t.Type == token.SequenceEntryType {
			dashes, dashLine = 1, t.Position.Line
		}
		switch t.Type {
		case token.InvalidType:
			return syntax(t.Error, t)
		case token.SequenceStartType, token.MappingStartType:
			flow++
		case token.SequenceEndType, token.MappingEndType:
			flow--
		}
		if flow > maxDepth || dashes > maxDepth {
			return at(t, lang.T("trop de niveaux imbriqués", "nested too deep"), lang.Text{})
		}
		if what, ok := refused[t.Type]; ok {
			return at(t, what, lang.T("écrire la valeur en toutes lettres", "write the value out in full"))
		}
		if t.Type == token.DocumentEndType || t.Type == token.DocumentHeaderType && !first(tokens[:i]) {
			return at(t, lang.T("un seul document par fichier", "one document a file"),
				lang.T("mettre la suite dans un autre fichier", "put what follows into another file"))
		}
	}
	return nil
}

var refused = map[token.Type]lang.Text{
	token.AnchorType:     lang.T("les ancres (&) ne sont pas admises", "anchors (&) are not allowed"),
	token.AliasType:      lang.T("les renvois (*) ne sont pas admis", "aliases (*) are not allowed"),
	token.MergeKeyType:   lang.T("les fusions (<<) ne sont pas admises", "merge keys (<<) are not allowed"),
	token.TagType:        lang.T("les étiquettes de type (!) ne sont pas admises", "tags (!) are not allowed"),
	token.DirectiveType:  lang.T("les directives (%) ne sont pas admises", "directives (%) are not allowed"),
	token.MappingKeyType: lang.T("les clés « ? » ne sont pas admises", "\"?\" keys are not allowed"),
}

// first reports whether nothing but comments came before.
func first(before token.Tokens) bool {
	for _, t := range before {
		if t.Type != token.CommentType {
			return false
		}
	}
	return true
}

// unread returns the first scalar that the parser left out of the tree: nothing
// that a person wrote may be ignored.
func unread(tokens token.Tokens, body ast.Node) *token.Token {
	seen := seenTokens{}
	ast.Walk(seen, body)
	for _, t := range tokens {
		if scalar(t.Type) && !seen[t] {
			return t
		}
	}
	return nil
}

type seenTokens map[*token.Token]bool

// Visit notes the token of a node.
func (s seenTokens) Visit(n ast.Node) ast.Visitor {
	s[n.GetToken()] = true
	return s
}

func scalar(t token.Type) bool {
	switch t {
	case token.StringType, token.SingleQuoteType, token.DoubleQuoteType, token.BoolType,
		token.IntegerType, token.BinaryIntegerType, token.OctetIntegerType, token.HexIntegerType,
		token.FloatType, token.InfinityType, token.NanType, token.NullType:
		return true
	}
	return false
}

// syntaxes explains the parser's messages in our words; the first that matches wins.
var syntaxes = []struct {
	says       string
	text, hint lang.Text
}{
	{"that cannot start any token", lang.T("tabulation dans le retrait", "a tab in the indentation"),
		lang.T("mettre des espaces", "use spaces")},
	{"could not find end character", lang.T("guillemet jamais fermé", "a quote that is never closed"), lang.Text{}},
	{"mapping value is not allowed", lang.T("deux-points inattendu", "unexpected colon"),
		lang.T("mettre entre guillemets un texte qui contient « : »", "quote a text that contains \": \"")},
	{"]'", lang.T("liste entre crochets mal fermée", "a bracketed list is not closed"), lang.Text{}},
	{"}'", lang.T("bloc entre accolades mal fermé", "a block in braces is not closed"), lang.Text{}},
	{"reserved character", lang.T("une valeur ne commence pas par ce caractère", "a value can't begin with this character"),
		lang.T("mettre la valeur entre guillemets", "quote the value")},
	{"", lang.T("syntaxe YAML illisible ici", "the YAML can't be read here"),
		lang.T("vérifier le retrait, les deux-points et les guillemets", "check the indentation, the colons and the quotes")},
}

// syntax returns the problem for a message of the parser, whose own wording is
// never shown: it is in one language and may repeat a value.
func syntax(message string, t *token.Token) *Problem {
	for _, s := range syntaxes {
		if strings.Contains(message, s.says) {
			return at(t, s.text, s.hint)
		}
	}
	return at(t, syntaxes[len(syntaxes)-1].text, lang.Text{})
}

func at(t *token.Token, text, hint lang.Text) *Problem {
	p := &Problem{Line: 1, Column: 1, Text: text, Hint: hint}
	if t != nil && t.Position != nil {
		p.Line, p.Column = t.Position.Line, t.Position.Column
	}
	return p
}
