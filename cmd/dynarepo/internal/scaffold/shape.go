package scaffold

import (
	"math"
	"math/big"
	"strconv"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// A shape is what the values of one attribute have in common.
type shape struct {
	seen  int            // values
	kinds map[string]int // by the name of the type: "S", "N", …
	zeros int            // values that a Go field can't tell from its zero value

	numbers numbers // of N and NS
	texts   texts   // of S
	elem    *shape  // of L, and of M taken as one of many keys
	maps    int     // values that are M
	keys    int     // in all of them
	fields  map[string]*shape
}

func newShape() *shape { return &shape{kinds: map[string]int{}, fields: map[string]*shape{}} }

func (s *shape) add(v types.AttributeValue) {
	s.seen++
	kind, zero := "", false
	switch v := v.(type) {
	case *types.AttributeValueMemberS:
		kind, zero = "S", v.Value == ""
		s.texts.add(v.Value)
	case *types.AttributeValueMemberN:
		kind, zero = "N", isZero(v.Value)
		s.numbers.add(v.Value)
	case *types.AttributeValueMemberB:
		kind, zero = "B", len(v.Value) == 0
	case *types.AttributeValueMemberBOOL:
		kind, zero = "BOOL", !v.Value
	case *types.AttributeValueMemberNULL:
		kind = "NULL"
	case *types.AttributeValueMemberSS:
		kind = "SS"
	case *types.AttributeValueMemberNS:
		kind = "NS"
		for _, n := range v.Value {
			s.numbers.add(n)
		}
	case *types.AttributeValueMemberBS:
		kind = "BS"
	case *types.AttributeValueMemberL:
		kind, zero = "L", len(v.Value) == 0
		for _, e := range v.Value {
			s.element().add(e)
		}
	case *types.AttributeValueMemberM:
		kind, zero = "M", len(v.Value) == 0
		s.maps++
		s.keys += len(v.Value)
		for name, e := range v.Value {
			s.element().add(e)
			s.field(name).add(e)
		}
	}
	s.kinds[kind]++
	if zero {
		s.zeros++
	}
}

func (s *shape) element() *shape {
	if s.elem == nil {
		s.elem = newShape()
	}
	return s.elem
}

func (s *shape) field(name string) *shape {
	f := s.fields[name]
	if f == nil {
		f = newShape()
		s.fields[name] = f
	}
	return f
}

// kind is the one type of the values that are not NULL; "" if there are none,
// and ok is false if there are several.
func (s *shape) kind() (kind string, ok bool) {
	for k := range s.kinds {
		switch {
		case k == "NULL":
		case kind != "":
			return "", false
		default:
			kind = k
		}
	}
	return kind, true
}

// isRecord tells whether the maps are structs: each has most of the keys that
// any has. Else the keys are data.
func (s *shape) isRecord() bool {
	if len(s.fields) == 0 || s.maps == 0 {
		return false
	}
	for name := range s.fields {
		if name == "-" || strings.ContainsAny(name, ",\"`\\") || goName(name) == "" {
			return false
		}
	}
	return 2*s.keys >= len(s.fields)*s.maps && (s.maps > 1 || len(s.fields) <= 12)
}

// numbers tells which Go type holds numbers as they are stored.
type numbers struct{ some, noInt, noFloat bool }

func (n *numbers) add(text string) {
	n.some = true
	if _, err := strconv.ParseInt(text, 10, 64); err != nil {
		n.noInt = true
	}
	f, err := strconv.ParseFloat(text, 64)
	if err != nil || math.IsInf(f, 0) {
		n.noFloat = true
		return
	}
	stored, ok := new(big.Rat).SetString(text)
	loaded, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if !ok || stored.Cmp(loaded) != 0 {
		n.noFloat = true
	}
}

func (n *numbers) goType() string {
	switch {
	case !n.noInt:
		return "int64"
	case !n.noFloat:
		return "float64"
	}
	return "attributevalue.Number"
}

func isZero(number string) bool {
	r, ok := new(big.Rat).SetString(number)
	return ok && r.Sign() == 0
}

// texts tells whether strings are times, and whether they look composite.
type texts struct {
	some, noFixed, noSDK bool
	parts                map[string]int // by delimiter: strings that have it
	n                    int
}

// fixedTime is the form in which the library stores times.
const fixedTime = "2006-01-02T15:04:05.000000000Z"

func (t *texts) add(text string) {
	t.some = true
	t.n++
	at, err := time.Parse(time.RFC3339Nano, text)
	t.noFixed = t.noFixed || err != nil || at.UTC().Format(fixedTime) != text
	t.noSDK = t.noSDK || err != nil || at.UTC().Format(time.RFC3339Nano) != text
	for _, d := range []string{"|", "#"} {
		if strings.Contains(text, d) {
			if t.parts == nil {
				t.parts = map[string]int{}
			}
			t.parts[d]++
		}
	}
}

// delimiter is what all of the strings have in them, or "".
func (t *texts) delimiter() string {
	for _, d := range []string{"|", "#"} {
		if t.n > 0 && t.parts[d] == t.n {
			return d
		}
	}
	return ""
}
