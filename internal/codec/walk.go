package codec

import "strconv"

// maxBody bounds the nesting of what lies around the items of an answer.
const maxBody = 3 * maxDepth

// WalkObject reads the JSON object at data[at:] and returns where it ends. Each
// is called with every name and where its value begins, and returns where the
// value ends; 0 to pass over it. name is valid during the call. The error is
// [ErrSyntax] or another of this package, or what each returned.
func WalkObject(data []byte, at int, each func(name []byte, at int) (end int, err error)) (int, error) {
	s := scanner{data: data, pos: at}
	if !s.take('{') {
		return 0, ErrSyntax
	}
	if s.take('}') {
		return s.pos, nil
	}
	for {
		name, err := s.str()
		if err != nil {
			return 0, err
		}
		if !s.take(':') {
			return 0, ErrSyntax
		}
		if err := s.visit(func(at int) (int, error) { return each(name, at) }); err != nil {
			return 0, err
		}
		if more, err := s.more('}'); err != nil || !more {
			return s.pos, err
		}
	}
}

// WalkArray reads the JSON array at data[at:] as [WalkObject] does an object.
// Each is called with where every element begins.
func WalkArray(data []byte, at int, each func(i, at int) (end int, err error)) (int, error) {
	s := scanner{data: data, pos: at}
	if !s.take('[') {
		return 0, ErrSyntax
	}
	if s.take(']') {
		return s.pos, nil
	}
	for i := 0; ; i++ {
		if err := s.visit(func(at int) (int, error) { return each(i, at) }); err != nil {
			return 0, err
		}
		if more, err := s.more(']'); err != nil || !more {
			return s.pos, err
		}
	}
}

func (s *scanner) visit(each func(at int) (int, error)) error {
	s.space()
	end, err := each(s.pos)
	if err != nil {
		return err
	}
	if end == 0 {
		return s.skip(maxBody)
	}
	s.pos = end
	return nil
}

// SkipValue returns where the JSON value at data[at:] ends.
func SkipValue(data []byte, at int) (int, error) {
	s := scanner{data: data, pos: at}
	err := s.skip(maxBody)
	return s.pos, err
}

// Integer returns the number at data[at:]; 0 if it is none or too large.
func Integer(data []byte, at int) int {
	end := at
	for end < len(data) && data[end] >= '0' && data[end] <= '9' {
		end++
	}
	n, err := strconv.Atoi(string(data[at:end]))
	if err != nil {
		return 0
	}
	return n
}

// Rest reports whether data[at:] is white space only.
func Rest(data []byte, at int) bool {
	s := scanner{data: data, pos: at}
	s.space()
	return s.pos == len(data)
}
