package process

import "github.com/google/uuid"

// Tag is a number that every process of a run bears from its fork to its burial, so that also one which has died unseen can
// be told from those of other runs. It is never 0.
func Tag(run string) uint64 {
	u, err := uuid.Parse(run)
	if err != nil {
		u = uuid.NewSHA1(uuid.NameSpaceOID, []byte(run))
	}
	var tag uint64
	for _, b := range u[8:] { // the part that was drawn by lot
		tag = tag<<8 | uint64(b)
	}
	return tag>>1 | 1 // below every limit there is
}
