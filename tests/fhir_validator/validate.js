// One resource a line in, one line of what the validator has against it out: errors, and elements that R4 does not have (warnings to it).
// Its other warnings are of codes that R4 gives as examples and of lists that it does not carry (mime types).
const counts = (message) => message.severity === "error" || message.message.startsWith("Unexpected");
const { Fhir } = require(process.argv[2]);
const lines = require("readline").createInterface({ input: process.stdin });
const validator = new Fhir();
lines.on("line", (line) => {
  const { messages } = validator.validate(JSON.parse(line));
  process.stdout.write(JSON.stringify(messages.filter(counts)) + "\n");
});
