package drafts

import (
	"github.com/dynarepo/dynarepo/key"
	"github.com/dynarepo/dynarepo/repo"
)

//go:generate go tool dynarepo attrs -type Draft

// Draft is an item of table drafts, made from all items (0).
type Draft struct {
	ID string `dynamodbav:"id"` // in no item of the sample: the type is that of the key
	N  int64  `dynamodbav:"n"`  // in no item of the sample: the type is that of the key
}

// DraftSpec declares table drafts.
var DraftSpec = repo.Spec{
	Table: "drafts",
	Key: key.Spec{
		Hash:  key.String("id"),
		Range: key.Int("n"),
	},
	OnDemand: true,
}
