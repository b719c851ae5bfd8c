/**
 * Requests that the two servers may answer differently, each with the reason. `text`: status and reason are still the same, only words
 * or details differ. `status`: the answer is another one; it still has to be below 500.
 */
export type Tolerated = { differs: 'text' | 'status'; because: string };

const text = (because: string): Tolerated => ({ differs: 'text', because });
const status = (because: string): Tolerated => ({ differs: 'status', because });

const USELESS = 'the real server says nothing about what is wrong with a JSON patch; ours names operation and path';
const GO_PANIC_LIKE =
  'the real server prints the whole object in its internal form and no kind; ours says what the field must be';
const PLAIN_404 = 'the real server answers unknown paths with plain text; a Status is understood by every client';
const GO_TYPES = 'the real server names its internal Go types and source files; ours names kinds and versions';
const SECOND_CHECK = 'the real server reports the same fault a second time, without a field, from a second validator';
const NO_DETAILS = 'our Status carries empty details where the real one has none';

export const TOLERATED: Record<string, Tolerated> = {
  'a CRD without storage version': text(
    'the real server prints its internal Go type; cause, field and reason are the same',
  ),
  'a generated name of capitals': text('the generated part of the name is random'),
  'a Service with a bad address': text(
    'ours adds that the address is outside the range of services, which is true as well',
  ),
  'a CRD': text('ours serves a definition as soon as it is stored, so its conditions are there at once'),
  'a group that is not there': text(PLAIN_404),
  'a path that is not there': text(PLAIN_404),
  'a body that is no JSON': text('the parsers of two languages describe the same fault'),
  'a body of another kind': text(GO_TYPES),
  'a body of another version': text(GO_TYPES),
  'a body of an unknown media type': text(NO_DETAILS),
  'a negative scale': text('ours reports the fault for the Deployment, whose field it is, and not for the Scale'),
  'a merge patch of the wrong type': status(GO_PANIC_LIKE),
  'a merge patch that is a list': text(GO_TYPES),
  'a merge patch with another uid': status(
    'ours answers Conflict, as for the uid of a precondition; nothing is changed either way',
  ),
  'a merge patch with an unknown field': status(GO_PANIC_LIKE),
  'a strategic patch without merge key': status('the real server answers 500 for a fault of the client'),
  'a JSON patch that removes what is not there': text(USELESS),
  'a JSON patch that replaces what is not there': text(USELESS),
  'a JSON patch whose test fails': text(USELESS),
  'a JSON patch beyond a list': text(USELESS),
  'a JSON patch of an unknown operation': text(USELESS),
  'a JSON patch that is an object': text(GO_TYPES),
  'a patch of an unknown type': text('ours lists the media types that are accepted'),
  'an unknown dry run': status('ours answers BadRequest with the same words; both refuse'),
  'the deletion with a wrong uid': text(
    'two wordings of the real server for one precondition; ours uses the other one',
  ),
  'a field that cannot be selected': text('two wordings of the real server, by the age of the kind; ours uses one'),
  'a negative limit': status('the real server ignores a limit below zero; ours says that it is no limit'),
  'a limit that is no number': text(GO_TYPES),
  'a continue token that is none': text('the token is opaque; both refuse it'),
  'a widget of half a size': text(SECOND_CHECK),
  'a widget with replicas beyond 32 bits': text(SECOND_CHECK),
  'a widget whose spec is a text': text(SECOND_CHECK),
  'a status of the wrong type': text('the real server shortens the path inside the sentence; the field is the same'),
  'a strategic patch of the widget': text(NO_DETAILS),
  'a replacement without version': text(
    'the real server names the plural of custom resources here, and the kind elsewhere',
  ),
};
