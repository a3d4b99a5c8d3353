/** Shows the description of the API; nothing is asked of any other server. */
window.SwaggerUIBundle({
  url: document.getElementById("api").dataset.description,
  dom_id: "#api",
  presets: [window.SwaggerUIBundle.presets.apis],
  layout: "BaseLayout",
  deepLinking: true,
  docExpansion: "none",
  filter: true,
  displayRequestDuration: true,
  persistAuthorization: false,
  validatorUrl: null,
  tagsSorter: "alpha",
});
