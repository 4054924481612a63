package scaffold

import (
	"go/token"
	"strings"
	"unicode"
)

var initialisms = map[string]string{
	"api": "API", "arn": "ARN", "id": "ID", "ids": "IDs", "ip": "IP", "json": "JSON", "sku": "SKU",
	"ttl": "TTL", "uri": "URI", "url": "URL", "uuid": "UUID", "pk": "PK", "sk": "SK",
}

// goName is an exported Go name for an attribute; "" if nothing of it is left.
func goName(attr string) string {
	var words []string
	var word []rune
	end := func() {
		if len(word) > 0 {
			words = append(words, string(word))
			word = nil
		}
	}
	var last rune
	for _, r := range attr {
		switch {
		case !unicode.IsLetter(r) && !unicode.IsDigit(r):
			end()
			last = 0
			continue
		case unicode.IsUpper(r) && unicode.IsLower(last):
			end()
		}
		word = append(word, r)
		last = r
	}
	end()
	var out strings.Builder
	for _, w := range words {
		if name, ok := initialisms[strings.ToLower(w)]; ok {
			out.WriteString(name)
			continue
		}
		runes := []rune(w)
		runes[0] = unicode.ToUpper(runes[0])
		out.WriteString(string(runes))
	}
	name := out.String()
	switch {
	case name == "":
		return ""
	case !token.IsIdentifier(name) || !token.IsExported(name):
		name = "X" + name
	}
	return name
}

// singular is the name of one of the items that a table's name tells of.
func singular(name string) string {
	switch {
	case strings.HasSuffix(name, "ies") && len(name) > 4:
		return name[:len(name)-3] + "y"
	case strings.HasSuffix(name, "sses"), strings.HasSuffix(name, "xes"), strings.HasSuffix(name, "ches"):
		return name[:len(name)-2]
	case strings.HasSuffix(name, "s") && !strings.HasSuffix(name, "ss") && !strings.HasSuffix(name, "us") && len(name) > 2:
		return name[:len(name)-1]
	}
	return name
}
