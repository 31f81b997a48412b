package ipc

// object looks at the bytes of one JSON object as they come, each of them
// once. It tells where the object ends and which of the two protocols it is
// of; whether it is valid is for the parser to say.
type object struct {
	n       int    // bytes looked at
	open    []byte // brackets that are open, { or [
	expect  expectation
	inText  bool
	escaped bool // the byte before was a backslash
	key     int  // where the text began, when it is a name of the object's own members; else 0
	crossed int  // bytes up to the last newline between its members

	command bool // it has a member of this name
	other   bool // it has one that the first protocol does not know
}

// expectation is what may come next outside of texts.
type expectation byte

const (
	expectValue expectation = iota
	expectValueOrEnd
	expectKey
	expectKeyOrEnd
	expectColon
	expectCommaOrEnd
	expectNothing // it is broken: only brackets and texts count
)

// finding is what is known of an object so far.
type finding byte

const (
	unfinished finding = iota
	aLine              // its end is the end of the line
	aCommand           // of the first protocol, and it ends here
)

// deepest is how deep brackets may be nested.
const deepest = 1000

// look goes on where it has stopped: data begins where the object does.
func (o *object) look(data []byte) finding {
	for o.n < len(data) {
		c := data[o.n]
		o.n++
		if c == '\n' {
			if o.ends() {
				return o.asCommand()
			}
			o.crossed = o.n
			continue
		}
		if o.inText {
			if o.text(c, data) {
				return aLine
			}
			continue
		}
		if !o.outside(c) {
			if !o.command {
				return aLine
			}
			o.expect = expectNothing
		}
		if len(o.open) == 0 {
			return o.asCommand()
		}
	}
	return unfinished
}

func (o *object) asCommand() finding {
	if o.command {
		return aCommand
	}
	return aLine
}

// ends tells whether the end of a line ends the object: always, but between
// the members of one that can be of the first protocol.
func (o *object) ends() bool {
	return o.inText || o.expect == expectNothing || o.other && !o.command
}

// text takes a byte of a text, and reports whether that gives away a message
// of JSON-RPC.
func (o *object) text(c byte, data []byte) (jsonRPC bool) {
	switch {
	case o.escaped:
		o.escaped = false
	case c == '\\':
		o.escaped = true
	case c == '"':
		o.inText = false
		if o.key == 0 {
			return false
		}
		name := data[o.key : o.n-1]
		o.key = 0
		switch string(name) {
		case "command":
			o.command = true
		case "method":
			return true
		case "id", "args":
		default:
			o.other = true
		}
	}
	return false
}

// outside takes a byte outside of texts; false when it cannot stand there.
// What numbers and words are made of is let pass.
func (o *object) outside(c byte) bool {
	switch c {
	case ' ', '\t', '\r':
		return true
	case '{', '[':
		return o.opens(c)
	case '}', ']':
		return o.closes(c)
	case '"':
		return o.begins()
	case ':':
		return o.moves(o.expect == expectColon, expectValue)
	case ',':
		next := expectValue
		if o.in('{') {
			next = expectKey
		}
		return o.moves(o.expect == expectCommaOrEnd, next)
	default: // a second byte of a number or word stands where a comma may
		return o.moves(o.expect <= expectValueOrEnd || o.expect == expectCommaOrEnd, expectCommaOrEnd)
	}
}

func (o *object) in(bracket byte) bool { return len(o.open) > 0 && o.open[len(o.open)-1] == bracket }

func (o *object) moves(may bool, next expectation) bool {
	if o.expect == expectNothing {
		return true
	}
	if may {
		o.expect = next
	}
	return may
}

func (o *object) opens(c byte) bool {
	may := o.expect <= expectValueOrEnd && len(o.open) < deepest
	o.open = append(o.open, c)
	next := expectValueOrEnd
	if c == '{' {
		next = expectKeyOrEnd
	}
	return o.moves(may, next)
}

func (o *object) closes(c byte) bool {
	may := c == '}' && o.in('{') && (o.expect == expectKeyOrEnd || o.expect == expectCommaOrEnd) ||
		c == ']' && o.in('[') && (o.expect == expectValueOrEnd || o.expect == expectCommaOrEnd)
	if len(o.open) > 0 {
		o.open = o.open[:len(o.open)-1]
	}
	return o.moves(may, expectCommaOrEnd)
}

func (o *object) begins() bool {
	o.inText = true
	next := expectCommaOrEnd
	if o.expect == expectKey || o.expect == expectKeyOrEnd {
		next = expectColon
		if len(o.open) == 1 {
			o.key = o.n
		}
	}
	return o.moves(o.expect <= expectKeyOrEnd, next)
}
