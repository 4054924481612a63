package codec

import (
	"encoding"
	"reflect"
	"strconv"
	"time"
)

// setNumber sets v, of a node that holds no text, to the number s.
func setNumber[B string | []byte](n *node, v reflect.Value, s B, zone *time.Location) error {
	switch n.kind {
	case kInt:
		i, ok := parseInt(s)
		if !ok || v.OverflowInt(i) {
			return misfit("the number", n.typ)
		}
		v.SetInt(i)
	case kUint:
		u, err := strconv.ParseUint(string(s), 10, 64)
		if err != nil || v.OverflowUint(u) {
			return misfit("the number", n.typ)
		}
		v.SetUint(u)
	case kFloat:
		f, ok := parseFloat(s)
		if !ok || v.OverflowFloat(f) {
			// The largest float32 is stored as a decimal that rounds to it
			// from above.
			g, err := strconv.ParseFloat(string(s), v.Type().Bits())
			if err != nil {
				return misfit("the number", n.typ)
			}
			f = g
		}
		v.SetFloat(f)
		if n.tag.Exact && canonical(string(s)) != canonical(string(appendFloat(nil, v))) {
			return misfit("the number of a key", n.typ)
		}
	case kTime:
		i, ok := parseInt(s)
		if !ok {
			return misfit("the number", n.typ)
		}
		setTime(n, v, time.Unix(i, 0).In(zone))
	default:
		return misfit("a number", n.typ)
	}
	return nil
}

func setTime(n *node, v reflect.Value, t time.Time) {
	if n.typ == timeType {
		*v.Addr().Interface().(*time.Time) = t
		return
	}
	v.Set(reflect.ValueOf(t).Convert(n.typ))
}

// setTimeText sets v to the RFC 3339 time that s holds.
func setTimeText[B string | []byte](n *node, v reflect.Value, s B, zone *time.Location) error {
	if t, ok := parseUTC(s); ok {
		setTime(n, v, t.In(zone))
		return nil
	}
	var t time.Time
	// UnmarshalText is strict and takes bytes; Parse is what attributevalue
	// calls, and takes more.
	if t.UnmarshalText([]byte(s)) != nil {
		var err error
		if t, err = time.Parse(time.RFC3339, string(s)); err != nil {
			return misfit("the text", n.typ)
		}
	}
	setTime(n, v, t.In(zone))
	return nil
}

// parseUTC reads a time such as 2006-01-02T15:04:05.999999999Z from 1970 on, on
// a day that every month has; ok is false for all others.
func parseUTC[B string | []byte](s B) (t time.Time, ok bool) {
	const form = "dddd-dd-ddTdd:dd:dd"
	if len(s) <= len(form) || s[len(s)-1] != 'Z' {
		return t, false
	}
	for i := range len(form) {
		if c := s[i]; form[i] == 'd' && c-'0' > 9 || form[i] != 'd' && c != form[i] {
			return t, false
		}
	}
	two := func(i int) int { return int(s[i]-'0')*10 + int(s[i+1]-'0') }
	year, month, day := two(0)*100+two(2), two(5), two(8)
	hour, minute, second := two(11), two(14), two(17)
	if year < 1970 || month < 1 || month > 12 || day < 1 || day > 28 || hour > 23 || minute > 59 || second > 59 {
		return t, false
	}
	nanos, digits := 0, s[len(form):len(s)-1]
	if len(digits) > 0 {
		if digits[0] != '.' || len(digits) == 1 || len(digits) > 10 {
			return t, false
		}
		for i := 1; i < 10; i++ {
			nanos *= 10
			if i < len(digits) {
				c := digits[i] - '0'
				if c > 9 {
					return t, false
				}
				nanos += int(c)
			}
		}
	}
	// Years begin in March, so that a leap day is the last of one.
	if month < 3 {
		year, month = year-1, month+12
	}
	days := 365*year + year/4 - year/100 + year/400 + (153*(month-3)+2)/5 + day - 719469
	return time.Unix(int64(days)*86400+int64(hour*3600+minute*60+second), int64(nanos)), true
}

// setBytes sets v, of a kBytes, to a copy of b.
func setBytes(n *node, v reflect.Value, b []byte) error {
	if n.typ == bytesType {
		v.SetBytes(append(make([]byte, 0, len(b)), b...))
		return nil
	}
	if n.typ.Kind() == reflect.Array {
		if v.Len() != len(b) {
			return misfit("binary of another length", n.typ)
		}
	} else {
		v.Set(reflect.MakeSlice(n.typ, len(b), len(b)))
	}
	for i, c := range b {
		v.Index(i).SetUint(uint64(c))
	}
	return nil
}

// setKey sets k, of a map's key type, to the name of an attribute.
func setKey(n *node, k reflect.Value, name string) error {
	if n.keyText {
		if err := textOf(k).UnmarshalText([]byte(name)); err != nil {
			return foreign("UnmarshalText", n.key, err)
		}
		return nil
	}
	switch kind := n.key.Kind(); {
	case kind == reflect.String:
		k.SetString(name)
	case kind == reflect.Bool:
		b, err := strconv.ParseBool(name)
		if err != nil {
			return misfit("a map key", n.key)
		}
		k.SetBool(b)
	case k.CanInt():
		i, ok := parseInt(name)
		if !ok || k.OverflowInt(i) {
			return misfit("a map key", n.key)
		}
		k.SetInt(i)
	case k.CanUint():
		u, err := strconv.ParseUint(name, 10, 64)
		if err != nil || k.OverflowUint(u) {
			return misfit("a map key", n.key)
		}
		k.SetUint(u)
	case k.CanFloat():
		f, err := strconv.ParseFloat(name, n.key.Bits())
		if err != nil {
			return misfit("a map key", n.key)
		}
		k.SetFloat(f)
	default:
		return misfit("a map key", n.key)
	}
	return nil
}

// parseInt is strconv.ParseInt(s, 10, 64).
func parseInt[B string | []byte](s B) (int64, bool) {
	digits, neg := s, false
	if len(s) > 0 && s[0] == '-' {
		digits, neg = s[1:], true
	}
	if len(digits) == 0 || len(digits) > 18 {
		i, err := strconv.ParseInt(string(s), 10, 64)
		return i, err == nil
	}
	var i int64
	for j := range len(digits) {
		c := digits[j] - '0'
		if c > 9 {
			k, err := strconv.ParseInt(string(s), 10, 64)
			return k, err == nil
		}
		i = i*10 + int64(c)
	}
	if neg {
		i = -i
	}
	return i, true
}

var powers = [...]float64{1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15}

// parseFloat is strconv.ParseFloat(s, 64). Up to 15 digits and a power of ten
// are exact as float64, and so is their quotient but for one rounding.
func parseFloat[B string | []byte](s B) (float64, bool) {
	var mantissa int64
	digits, point, neg := 0, -1, false
	for i := range len(s) {
		switch c := s[i]; {
		case c >= '0' && c <= '9':
			mantissa = mantissa*10 + int64(c-'0')
			digits++
		case c == '.' && point < 0:
			point = digits
		case c == '-' && i == 0:
			neg = true
		default:
			return slowFloat(s)
		}
		if digits > 15 {
			return slowFloat(s)
		}
	}
	if digits == 0 {
		return slowFloat(s)
	}
	f := float64(mantissa)
	if point >= 0 {
		f /= powers[digits-point]
	}
	if neg {
		f = -f
	}
	return f, true
}

func slowFloat[B string | []byte](s B) (float64, bool) {
	f, err := strconv.ParseFloat(string(s), 64)
	return f, err == nil
}

func textOf(v reflect.Value) encoding.TextUnmarshaler {
	return v.Addr().Interface().(encoding.TextUnmarshaler)
}
