/**
 * Requests that the two servers may answer differently, each with the reason. `text`: status and reason are still the same, only words
 * or details differ. `status`: the answer is another one; it still has to be below 500.
 */
export type Tolerated = { differs: 'text' | 'status'; because: string };

const text = (because: string): Tolerated => ({ differs: 'text', because });
const status = (because: string): Tolerated => ({ differs: 'status', because });

const USELESS = 'the real server says nothing about what is wrong with a JSON patch; ours names operation and path';
const WHOLE_OBJECT = 'the real server prints the whole object and no kind; ours says what the field must be';
const GO_TYPES = 'the real server names its internal Go types and source files; ours names kinds and versions';
const SECOND_CHECK = 'the real server reports the same fault a second time, without a field, from a second validator';
const PARSER = 'the parsers of two languages describe the same fault';
const ETCD_KEY = 'the real server names its key in etcd; ours has none';

export const TOLERATED: Record<string, Tolerated> = {
  'a CRD without storage version': text(GO_TYPES),
  'a generated name of capitals': text('the generated part of the name is random'),
  'a CRD': text('ours serves a definition as soon as it is stored, so its conditions are there at once'),
  'a body that is no JSON': text(PARSER),
  'a creation of nothing': text(PARSER),
  'a creation of a list': text(PARSER),
  'an apply of a list': text(PARSER),
  'a body of another kind': text(GO_TYPES),
  'a body of another version': text(GO_TYPES),
  'a replaced scale of another kind': text(GO_TYPES),
  'a deletion by another body': text(GO_TYPES),
  'a JSON patch that is an object': text(GO_TYPES),
  'a merge patch of the wrong type': text(WHOLE_OBJECT),
  'a merge patch with an unknown field': text(WHOLE_OBJECT),
  'a merge patch of a scale with a text': text(WHOLE_OBJECT),
  'a widget without kind': text('the real server repeats the body; ours says what is missing'),
  'a strategic patch without merge key': status('the real server answers 500 for a fault of the client'),
  'a JSON patch that removes what is not there': text(USELESS),
  'a JSON patch that replaces what is not there': text(USELESS),
  'a JSON patch whose test fails': text(USELESS),
  'a JSON patch beyond a list': text(USELESS),
  'a JSON patch of an unknown operation': text(USELESS),
  'a patch of an unknown type': text('ours lists the media types that are accepted'),
  'a continue token that is none': text('the token is opaque; both refuse it'),
  'a version of the future': text('the message names the newest version of each server'),
  'a deletion of another version': text('the message names the version of the object on each server'),
  'a Lease by PUT with a uid': text(ETCD_KEY),
  'a replacement with another uid': text(ETCD_KEY),
  'a widget of half a size': text(SECOND_CHECK),
  'a widget with replicas beyond 32 bits': text(SECOND_CHECK),
  'a widget whose spec is a text': text(SECOND_CHECK),
  'a status of the wrong type': text('the real server shortens the path inside the sentence; the field is the same'),
  'a path that leads up': text('the real server refuses slashes in names as a path that is not there'),
};
