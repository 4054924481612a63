package planner

import (
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"github.com/dynarepo/dynarepo/index"
	"github.com/dynarepo/dynarepo/key"
)

// projects reports whether an attribute can be read from the index alone.
func projects(s *index.Spec, table key.Spec, attr string) bool {
	if s.Projection() == types.ProjectionTypeAll || slices.Contains(s.Included(), attr) {
		return true
	}
	own := s.Key(table)
	return slices.ContainsFunc([]key.Part{own.Hash, own.Range, table.Hash, table.Range}, func(p key.Part) bool {
		return slices.Contains(attributes(p), attr)
	})
}

// covers reports whether every one of attrs can be read from the index alone.
// nil attrs stand for all.
func covers(s *index.Spec, table key.Spec, attrs []string) bool {
	if attrs == nil {
		return s.Projection() == types.ProjectionTypeAll
	}
	return !slices.ContainsFunc(attrs, func(a string) bool { return !projects(s, table, a) })
}

func attributes(p key.Part) []string {
	var names []string
	for _, a := range p.Attributes() {
		names = append(names, a.Name())
	}
	return names
}
