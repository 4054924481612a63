package write

import (
	"errors"

	"github.com/dynarepo/dynarepo/internal/life"
)

// told is which options a writer was given.
type told struct{ overwrite, unchecked, returns bool }

// options are what each verb can do with an option of the writer's. One that it
// can't honour is refused before any request.
var options = [life.Verbs]told{
	life.Create:      {unchecked: true},
	life.Put:         {unchecked: true, overwrite: true}, // of a batch, which else refuses a model with a lock
	life.Save:        {unchecked: true, overwrite: true},
	life.SaveChanges: {unchecked: true, overwrite: true},
	life.Destroy:     {overwrite: true},
	life.Delete:      {overwrite: true}, // it checks no version
	life.DeleteAll:   {},
	life.Update:      {returns: true},
	life.Upsert:      {returns: true},
	life.Touch:       {returns: true},
	life.Increment:   {},
	life.Check:       {},
}

// honoured refuses options that a verb can't honour.
func (t told) honoured(verb life.Verb) error {
	can := options[verb]
	var errs []error
	refuse := func(given, honoured bool, name string) {
		if given && !honoured {
			errs = append(errs, errors.New(verb.String()+" has no use for "+name))
		}
	}
	refuse(t.overwrite, can.overwrite, "Overwrite")
	refuse(t.unchecked, can.unchecked, "SkipValidation")
	refuse(t.returns, can.returns, "Returning")
	return errors.Join(errs...)
}
