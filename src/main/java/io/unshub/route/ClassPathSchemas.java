package io.unshub.route;

import org.apache.camel.catalog.JSonSchemaResolver;

/** What Camel's components and languages say of themselves, from their jars; of no other parts. */
final class ClassPathSchemas implements JSonSchemaResolver {

    private static final String META = "META-INF/org/apache/camel/";

    private static String find(String kind, String name) {
        return ClassPathFolder.find(META + kind + "/" + name + "/" + name + ".json").orElse(null);
    }

    @Override
    public void setClassLoader(ClassLoader classLoader) {
        // one program, one class loader
    }

    @Override
    public String getComponentJSonSchema(String name) {
        return find("component", name);
    }

    @Override
    public String getLanguageJSonSchema(String name) {
        return find("language", name);
    }

    @Override
    public String getDataFormatJSonSchema(String name) {
        return null;
    }

    @Override
    public String getTransformerJSonSchema(String name) {
        return null;
    }

    @Override
    public String getDevConsoleJSonSchema(String name) {
        return null;
    }

    @Override
    public String getOtherJSonSchema(String name) {
        return null;
    }

    @Override
    public String getModelJSonSchema(String name) {
        return null;
    }

    @Override
    public String getMainJsonSchema() {
        return null;
    }

    @Override
    public String getJBangJsonSchema() {
        return null;
    }

    @Override
    public String getPojoBeanJSonSchema(String name) {
        return null;
    }
}
